"""Diagnosis of an observed deployment, and its report in one of several forms."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.tasks.observe import FORMS, observe_paths
from orthgen.diagnosis.diagnose import diagnose
from orthgen.diagnosis.silencing import FILE_NAME, read_silences, silence
from orthgen.errors import OrthgenError, system_reason
from orthgen.findings import Severity
from orthgen.observed.model import SourceKind
from orthgen.report.console import Console
from orthgen.report.diagnosis import diagnosis_form, diagnosis_text
from orthgen.report.effective_settings import effective_parts, effective_text
from orthgen.report.findings import findings_text
from orthgen.report.forge_findings import github_annotations, gitlab_quality
from orthgen.report.json_text import json_text
from orthgen.report.sarif import findings_sarif

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.diagnosis.silencing import Silence


def diagnose_paths(
    paths: Sequence[str], output: str, *, fail_on: str, silence_file: Path | None, show_silenced: bool
) -> None:
    """Diagnose and report; exit with 5 where a finding is as grave as `fail_on`."""
    console = Console()
    diagnosis = diagnose(observe_paths(paths))
    silences = _silences(paths, silence_file)
    findings = silence(diagnosis.findings, silences, diagnosis.deployment.texts)
    diagnosis = replace(diagnosis, findings=findings)
    if output == "json":
        console.say(json_text(diagnosis_form(diagnosis)))
    elif output == "sarif":
        console.say(json_text(findings_sarif(diagnosis.findings)))
    elif output == "github":
        console.say(github_annotations(diagnosis.findings))
    elif output == "gitlab":
        console.say(json_text(gitlab_quality(diagnosis.findings)))
    else:
        console.say(diagnosis_text(diagnosis, console.out, with_silenced=show_silenced))
    limit = Severity(fail_on).rank if fail_on != "never" else -1
    if any(not finding.silenced and finding.severity.rank <= limit for finding in findings):
        sys.exit(ExitCode.DENIED)
    kinds = {source.kind for source in diagnosis.deployment.sources}
    if kinds == {SourceKind.EMPTY}:
        raise OrthgenError("nothing to read: there is no text", hint=FORMS)
    if kinds <= {SourceKind.EMPTY, SourceKind.UNKNOWN} and not findings:
        raise OrthgenError("nothing here was recognised as a part of a deployment", hint=FORMS)


def show_effective(paths: Sequence[str], output: str) -> None:
    """Show the settings in force with their places; what could not be seen goes to the error stream."""
    console = Console()
    deployment = observe_paths(paths)
    if output == "json":
        console.say(json_text(effective_parts(deployment)))
    else:
        console.say(effective_text(deployment, console.out))
    for sentence in deployment.unseen:
        console.tell(f"note: {sentence}")
    errors = [finding for finding in deployment.findings if finding.severity is Severity.ERROR]
    if errors:
        console.tell(findings_text(errors, deployment.texts, console.err))


def _silences(paths: Sequence[str], given: Path | None) -> tuple[Silence, ...]:
    """The silences of the given file; else of the first file of that name in a folder of `paths` or the working folder."""
    folders = [path for path in map(Path, paths) if path.is_dir()]
    candidates = [given] if given is not None else [folder / FILE_NAME for folder in (*folders, Path())]
    file = next((path for path in candidates if given is not None or path.is_file()), None)
    if file is None:
        return ()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = system_reason(problem) if isinstance(problem, OSError) else "not UTF-8"
        raise OrthgenError(f"`{file}` cannot be read: {reason}") from None
    return read_silences(text, str(file))
