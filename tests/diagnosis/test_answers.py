"""Questions in a pasted text are answered, and a profile with which the request is allowed is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthgen.diagnosis.answers import answers
from orthgen.diagnosis.proposed_profile import proposed_profile
from orthgen.diagnosis.refusal import refusals
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.yaml_io import parse_json
from orthgen.observed.model import ObservedDeployment, Orthanc, Source, SourceKind
from orthgen.observed.settings import Layer, Settings
from orthgen.observed.text import observe_text
from orthgen.rendering.validation import validate_profile
from tests.diagnosis.test_refusal import LINK, REPORT

if TYPE_CHECKING:
    from pathlib import Path

ASKED = f"POST /dicom-web/studies HTTP/1.1\nAuthorization: Bearer {LINK}\n\nHTTP/1.1 403 Forbidden\ncontent-length: 0\n\n"
FINDING = Finding(
    Rule("dead-key", Severity.WARNING, summary="", remedy="", example=""),
    "nothing reads `A`",
    Location("t", 1, 1),
    "drop it",
)


def _deployment(text: str) -> ObservedDeployment:
    parts = observe_text(text, "t.txt")
    return ObservedDeployment(
        sources=(Source("t.txt", SourceKind.ORTHANC, is_complete=False), *parts.sources),
        texts={"t.txt": text},
        orthancs=tuple(
            Orthanc("orthanc", Settings((Layer.of(parse_json(each.text, "t.txt")[0]),)), is_complete=False)
            for each in parts.excerpts
        ),
        exchanges=parts.exchanges,
        tokens=parts.tokens,
        log_lines=parts.log_lines,
        questions=parts.questions,
    )


def _answered(text: str, *findings: Finding) -> list[str]:
    """The first sentence of each answer."""
    deployment = _deployment(text)
    return [each.statements[0].text for each in answers(deployment, findings, refusals(deployment))]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Are there any issues in this configuration?", "Yes: 1 finding."),
        ("I expected another token.", "Orthanc Explorer 2 makes such an instant link"),
        ("Is an anonymous user needed?", "No. A link has no profile"),
        ("Why is it forbidden?", "Orthanc refused it, by its authorization plugin."),
    ],
)
def test_a_question_is_answered(question: str, answer: str) -> None:
    """Each kind of question gets its answer."""
    (first,) = _answered(ASKED + question, FINDING)

    assert first.startswith(answer)


def test_a_question_about_something_else_gets_no_answer() -> None:
    """Nothing is made up for a question that no part of the diagnosis answers."""
    assert _answered(f"{ASKED}Is it raining? Why a token? What is forbidden?", FINDING) != []
    assert _answered(f"{ASKED}Is it raining?") == []
    assert _answered("Is an error in the file of the weather?\nWhy is it forbidden?") == [
        "No: nothing in what was read is wrong or unknown."
    ]


def test_the_profile_for_the_report_is_valid(tmp_path: Path) -> None:
    """The profile of the report has its address, languages and identity provider, validates, and meets its expectations."""
    deployment = _deployment(REPORT)
    profile = proposed_profile(deployment, refusals(deployment))
    (tmp_path / "site.yaml").write_text(profile, encoding="utf-8")

    validation = validate_profile(str(tmp_path / "site.yaml"))

    assert 'url: "https://orthanc-preprod.paradim.science", languages: [fr, en]' in profile
    assert "entra-id" in profile
    assert validation.error is None
    assert validation.expectations == 2
    assert validation.findings == ()


def test_without_entra_the_profile_has_accounts(tmp_path: Path) -> None:
    """A text without address and identity provider gets a profile that validates all the same."""
    deployment = _deployment(ASKED)
    profile = proposed_profile(deployment, refusals(deployment))
    (tmp_path / "site.yaml").write_text(profile, encoding="utf-8")

    assert "accounts: {}" in profile
    assert validate_profile(str(tmp_path / "site.yaml")).error is None


def test_no_profile_without_a_refused_report() -> None:
    """A refusal of another kind is not cured by a sign-in of OHIF."""
    deployment = _deployment(ASKED.replace("POST /dicom-web/studies", "GET /studies/1-2"))

    assert proposed_profile(deployment, refusals(deployment)) == ""
