"""
Results of the probe as text and JSON: open weaknesses first and in full, then one line each.

No token and no content of an answer is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.probe.model import Verdict
from orthgen.probe.run import request_line
from orthgen.report.console import paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from orthgen.probe.model import Request, Result

_STYLES = {Verdict.OPEN: ("bold", "red"), Verdict.CLOSED: ("green",), Verdict.UNKNOWN: ("yellow",)}


def results_text(results: Sequence[Result], address: str, stream: TextIO) -> str:
    """Every check with its verdict; an open one with its danger and its remedy."""
    lines: list[str] = []
    for verdict in (Verdict.OPEN, Verdict.UNKNOWN, Verdict.CLOSED):
        for result in results:
            if result.outcome.verdict is verdict:
                lines += _lines(result, stream)
    return "\n".join([*lines, "", f"{address}: {_counts(results)}"])


def _lines(result: Result, stream: TextIO) -> Iterable[str]:
    verdict, check = result.outcome.verdict, result.check
    label = paint(f"{verdict.value:<11}", *_STYLES[verdict], stream=stream)
    request = f"{result.request} -> " if result.request and verdict is not Verdict.UNKNOWN else ""
    yield f"{label}  {check.weakness:<10}  {check.name}: {request}{result.outcome.reason}"
    if verdict is Verdict.OPEN:
        yield f"             matters: {check.why}"
        yield f"             closed by: {check.remedy}"


def _counts(results: Sequence[Result]) -> str:
    counts = {verdict: sum(result.outcome.verdict is verdict for result in results) for verdict in Verdict}
    return ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)


def results_value(results: Sequence[Result], address: str) -> dict[str, Any]:
    """The same as JSON's types."""
    return {
        "address": address,
        "open": sum(result.outcome.verdict is Verdict.OPEN for result in results),
        "checks": [
            {
                "name": result.check.name,
                "weakness": result.check.weakness,
                "verdict": result.outcome.verdict.value,
                "asked": result.request or None,
                "answer": result.outcome.reason,
                "why": result.check.why,
                "closed_by": result.check.remedy,
            }
            for result in results
        ],
    }


def requests_text(requests: Iterable[Request]) -> str:
    """One line for each request; `!` marks those that go beyond reading."""
    return "\n".join(f"  {'!' if request.writes else ' '} {request_line(request)}" for request in requests)


def consent_text(requests: Iterable[Request]) -> str:
    """The requests that need consent, after a line that tells their effect."""
    effect = "These requests have a write method. If the deployment accepts one, Orthanc changes nothing:"
    return f"{effect}\n{requests_text(requests)}"


def requests_value(requests: Iterable[Request]) -> list[dict[str, Any]]:
    """The same as JSON's types."""
    return [{"request": request_line(request), "writes": request.writes} for request in requests]
