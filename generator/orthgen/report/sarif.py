"""
Findings as SARIF 2.1.0 (OASIS Standard), which GitHub code scanning, GitLab and editors read.

A rule has its text inside. It also has the address of its page (`helpUri`) if ORTHGEN_DOCS_URL names the address of
the docs folder, because SARIF takes absolute addresses only.
"""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from orthgen import __version__
from orthgen.errors import OrthgenError
from orthgen.findings import Severity
from orthgen.report.fingerprint import fingerprint
from orthgen.report.validation import failures_of, findings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.findings import Finding, Location, Rule
    from orthgen.rendering.validation import Validation

DOCS_URL = "ORTHGEN_DOCS_URL"
"""The environment variable with the address of the docs folder."""
# GitHub's word for what SARIF calls a note.
_PROBLEM_SEVERITY = {Severity.NOTE: "recommendation"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_value(validations: Sequence[Validation]) -> dict[str, Any]:
    """One run with every finding of the profiles, as plain values for JSON."""
    return findings_sarif(findings_of(validations), failures_of(validations))


def findings_sarif(findings: Sequence[Finding], failures: Sequence[str] = ()) -> dict[str, Any]:
    """One run with these findings; `failures` are messages about what could not be looked at."""
    rules = {finding.rule.id: finding.rule for finding in findings}
    indexes = {identifier: index for index, identifier in enumerate(rules)}
    notifications = [{"level": "error", "message": {"text": message}} for message in failures]
    driver = {
        "name": "orthgen",
        "semanticVersion": __version__,
        "rules": [_descriptor(rule) for rule in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not failures, "toolExecutionNotifications": notifications}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, indexes[finding.rule.id]) for finding in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _descriptor(rule: Rule) -> dict[str, Any]:
    text = f"{rule.summary} {rule.remedy}"
    address = _docs_address()
    return {
        "id": rule.id,
        **({"helpUri": f"{address}/findings.md#{rule.id}"} if address else {}),
        "shortDescription": {"text": rule.summary},
        "help": {"text": text, "markdown": f"{rule.summary}\n\n**Remedy:** {rule.remedy}"},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {
            "page": f"docs/findings.md#{rule.id}",
            "precision": "very-high",
            "problem.severity": _PROBLEM_SEVERITY.get(rule.severity, rule.severity.value),
        },
    }


def _docs_address() -> str:
    """The address of the docs folder, or an empty text. Raises `OrthgenError` for anything but a web address."""
    address = os.environ.get(DOCS_URL, "").rstrip("/")
    parts = urlsplit(address)
    if address and (
        parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment
    ):
        hint = "write the address of the docs folder, such as `https://git.example.org/orthgen/docs`"
        raise OrthgenError(f"{DOCS_URL} is not a web address: `{address}`", hint=hint)
    return address


def _result(finding: Finding, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": f"{finding.message}: {finding.hint}" if finding.hint else finding.message},
        "locations": [{"physicalLocation": _physical(finding.location)}],
        "partialFingerprints": {"orthgenFinding/v1": fingerprint(finding)},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(location), "message": {"text": note}}
            for number, (location, note) in enumerate(finding.related, start=1)
        ]
    if finding.silenced:
        suppression = {"kind": "inSource", "status": "accepted", "justification": finding.silenced}
        result["suppressions"] = [suppression]
    return result


def _physical(location: Location) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(location.file)},
        "region": {"startLine": location.line, "startColumn": location.column},
    }


def _uri(file: str) -> str:
    """A relative reference for a relative path; a `file:` address for an absolute one."""
    path = PurePosixPath(file)
    return path.as_uri() if path.is_absolute() else quote(str(path))
