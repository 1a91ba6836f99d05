"""
Findings where a forge shows them beside the changed line: GitHub's workflow commands, GitLab's code quality report.

Silenced findings are left out, because neither form has a word for them. `report.sarif` has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.findings import Severity
from orthgen.report.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.findings import Finding

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_QUALITY = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def github_annotations(findings: Sequence[Finding], failures: Sequence[str] = ()) -> str:
    """
    One workflow command for each finding, for the log of a job at GitHub.

    `failures` are messages about what could not be looked at.
    """
    lines = [_command(finding) for finding in findings if not finding.silenced]
    return "\n".join([*lines, *(f"::error title=orthgen::{_data(message)}" for message in failures)])


def _command(finding: Finding) -> str:
    place = finding.location
    properties = {
        "file": place.file,
        "line": str(place.line),
        "col": str(place.column),
        "title": f"orthgen: {finding.rule.id}",
    }
    parameters = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {parameters}::{_data(_message(finding))}"


def _message(finding: Finding) -> str:
    return f"{finding.message}\n{finding.hint}" if finding.hint else finding.message


def _data(text: str) -> str:
    """The text in one line, as the runner reads it (actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def gitlab_quality(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The code quality report of GitLab, as plain values for JSON."""
    return [
        {
            "description": _message(finding),
            "check_name": finding.rule.id,
            "fingerprint": fingerprint(finding),
            "severity": _QUALITY[finding.severity],
            "location": {"path": finding.location.file, "lines": {"begin": finding.location.line}},
        }
        for finding in findings
        if not finding.silenced
    ]
