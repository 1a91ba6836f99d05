"""Texts as people paste them in forums, in three languages, and what they get as an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.diagnosis.diagnose import Diagnosis, diagnose
from orthgen.observed.read import observe_texts

HERE = Path(__file__).parent / "pasted"
TEXTS = sorted(path for path in HERE.iterdir() if path.name != "answers.txt")


def test_a_pasted_text_gets_its_answer(request: pytest.FixtureRequest) -> None:
    """The parts, the findings, the refused requests and the answers of each text; `--update-golden` accepts a change."""
    shown = "\n".join(_shown(path) for path in TEXTS)
    if request.config.getoption("--update-golden"):
        (HERE / "answers.txt").write_text(shown, encoding="utf-8")

    assert (HERE / "answers.txt").read_text(encoding="utf-8") == shown


def _shown(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    diagnosis = diagnose(observe_texts({path.name: text}))
    return "\n".join([f"# {path.name}", *_lines(diagnosis)]) + "\n"


def _lines(diagnosis: Diagnosis) -> list[str]:
    kinds = [f"{source.first_line} {source.kind.value}" for source in diagnosis.deployment.sources]
    lines = [f"read: {'; '.join(kinds)}"]
    for finding in diagnosis.findings:
        lines.append(
            f"{finding.location.line} {finding.severity.value}: {finding.message} [{finding.rule.id}]"
        )
        lines += [f"    {finding.hint}"] if finding.hint else []
    for refusal in diagnosis.refusals:
        lines.append(f"{refusal.exchange.method} {refusal.exchange.status}: {refusal.refused_by.value}")
        lines += [f"    {step.title}: {step.statements[-1].text}" for step in refusal.steps[1:]]
        lines += [f"    - {remedy}" for remedy in refusal.remedies]
    lines += [f"? {answer.statements[0].text}" for answer in diagnosis.answers]
    return [*lines, *(f"unseen: {sentence}" for sentence in diagnosis.deployment.unseen)]
