"""
Results of the probe as text and JSON: open weaknesses first and in full, then one line each.

No token and no content of an answer is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.probe.model import Verdict
from orthgen.probe.run import asked
from orthgen.report.console import paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from orthgen.probe.model import Ask, Result

_STYLES = {Verdict.OPEN: ("bold", "red"), Verdict.CLOSED: ("green",), Verdict.UNKNOWN: ("yellow",)}


def results_text(results: Sequence[Result], address: str, stream: TextIO) -> str:
    """Every check with its verdict; for what is open also why it matters and what closes it."""
    lines: list[str] = []
    for verdict in (Verdict.OPEN, Verdict.UNKNOWN, Verdict.CLOSED):
        for result in (one for one in results if one.found.verdict is verdict):
            lines += _lines(result, stream)
    return "\n".join([*lines, "", f"{address}: {_counts(results)}"])


def _lines(result: Result, stream: TextIO) -> Iterable[str]:
    verdict, check = result.found.verdict, result.check
    word = paint(f"{verdict.value:<11}", *_STYLES[verdict], stream=stream)
    request = f"{result.asked} -> " if result.asked and verdict is not Verdict.UNKNOWN else ""
    yield f"{word}  {check.weakness:<10}  {check.name}: {request}{result.found.said}"
    if verdict is Verdict.OPEN:
        yield f"             matters: {check.why}"
        yield f"             closed by: {check.remedy}"


def _counts(results: Sequence[Result]) -> str:
    counts = {verdict: sum(one.found.verdict is verdict for one in results) for verdict in Verdict}
    return ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)


def results_value(results: Sequence[Result], address: str) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "address": address,
        "open": sum(one.found.verdict is Verdict.OPEN for one in results),
        "checks": [
            {
                "name": one.check.name,
                "weakness": one.check.weakness,
                "verdict": one.found.verdict.value,
                "asked": one.asked or None,
                "answer": one.found.said,
                "why": one.check.why,
                "closed_by": one.check.remedy,
            }
            for one in results
        ],
    }


def requests_text(asks: Iterable[Ask]) -> str:
    """One line for each request; `!` marks those that go beyond reading."""
    return "\n".join(f"  {'!' if ask.writes else ' '} {asked(ask)}" for ask in asks)


def requests_value(asks: Iterable[Ask]) -> list[dict[str, Any]]:
    """The same as plain values."""
    return [{"request": asked(ask), "writes": ask.writes} for ask in asks]
