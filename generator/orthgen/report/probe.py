"""
Results of the probe as text and JSON: open weaknesses first and in full, then one line each.

No token and no content of an answer is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.probe.expected.compare import ComparisonResult
from orthgen.probe.model import Verdict
from orthgen.probe.run import request_line
from orthgen.report.console import paint
from orthgen.report.probe_forms import CheckForm, ComparisonForm, ExpectForm, ProbeForm, RequestForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from orthgen.probe.expected.compare import Comparison
    from orthgen.probe.model import ProbeRequest, ProbeResult

_STYLES = {Verdict.OPEN: ("bold", "red"), Verdict.CLOSED: ("green",), Verdict.UNKNOWN: ("yellow",)}


def results_text(results: Sequence[ProbeResult], address: str, stream: TextIO) -> str:
    """Every check with its verdict; an open one with its danger and its remedy."""
    lines: list[str] = []
    for verdict in (Verdict.OPEN, Verdict.UNKNOWN, Verdict.CLOSED):
        for result in results:
            if result.outcome.verdict is verdict:
                lines += _lines(result, stream)
    return "\n".join([*lines, "", f"{address}: {_counts(results)}"])


def _lines(result: ProbeResult, stream: TextIO) -> Iterable[str]:
    verdict, check = result.outcome.verdict, result.check
    label = paint(f"{verdict.value:<11}", *_STYLES[verdict], stream=stream)
    request = f"{result.request} -> " if result.request and verdict is not Verdict.UNKNOWN else ""
    yield f"{label}  {check.weakness:<10}  {check.name}: {request}{result.outcome.reason}"
    if verdict is Verdict.OPEN:
        yield f"             matters: {check.why}"
        yield f"             closed by: {check.remedy}"


def _counts(results: Sequence[ProbeResult]) -> str:
    counts = {verdict: sum(result.outcome.verdict is verdict for result in results) for verdict in Verdict}
    return ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)


def results_form(results: Sequence[ProbeResult], address: str) -> ProbeForm:
    """The same for JSON."""
    return ProbeForm(
        address=address,
        open=sum(result.outcome.verdict is Verdict.OPEN for result in results),
        checks=tuple(
            CheckForm(
                name=result.check.name,
                weakness=result.check.weakness,
                verdict=result.outcome.verdict.value,
                asked=result.request or None,
                answer=result.outcome.reason,
                why=result.check.why,
                closed_by=result.check.remedy,
            )
            for result in results
        ),
    )


_RESULT_STYLES = {
    ComparisonResult.DIFFERS: ("bold", "red"),
    ComparisonResult.UNKNOWN: ("yellow",),
    ComparisonResult.SAME: ("green",),
}


def comparisons_text(comparisons: Sequence[Comparison], address: str, expected: str, stream: TextIO) -> str:
    """Every comparison, the differences first and with the line that decides."""
    lines: list[str] = []
    for result in ComparisonResult:
        for each in comparisons:
            if each.result is result:
                lines += _comparison_lines(each, stream)
    counts = ", ".join(
        f"{sum(each.result is result for each in comparisons)} {result.value}" for result in ComparisonResult
    )
    return "\n".join([*lines, "", f"{address} beside {expected}: {counts}"])


def _comparison_lines(each: Comparison, stream: TextIO) -> Iterable[str]:
    label = paint(f"{each.result.value:<11}", *_RESULT_STYLES[each.result], stream=stream)
    answer = f" -> {each.answer}" if each.result is not ComparisonResult.UNKNOWN else f": {each.answer}"
    yield f"{label}  {each.who}, {each.topic}: {_request_of(each)}{answer}"
    if each.result is ComparisonResult.DIFFERS:
        place = f" ({each.decided_at})" if each.decided_at is not None else ""
        yield f"             expected: {each.expected}{place}"


def _request_of(each: Comparison) -> str:
    """The request without its caller, whom the line names as the model does."""
    return each.asked.partition(": ")[2]


def comparisons_form(comparisons: Sequence[Comparison], address: str, expected: str) -> ExpectForm:
    """The same for JSON."""
    return ExpectForm(
        address=address,
        expect=expected,
        differs=sum(each.result is ComparisonResult.DIFFERS for each in comparisons),
        answers=tuple(
            ComparisonForm(
                who=each.who,
                topic=each.topic,
                result=each.result.value,
                asked=each.asked,
                expected=each.expected or None,
                answer=each.answer,
                decided_at=str(each.decided_at) if each.decided_at is not None else None,
            )
            for each in comparisons
        ),
    )


def requests_text(requests: Iterable[ProbeRequest]) -> str:
    """One line for each request; `!` marks those that go beyond reading."""
    return "\n".join(f"  {'!' if request.writes else ' '} {request_line(request)}" for request in requests)


def consent_text(requests: Iterable[ProbeRequest]) -> str:
    """The requests that need consent, after a line that tells their effect."""
    effect = "These requests have a write method. If the deployment accepts one, Orthanc changes nothing:"
    return f"{effect}\n{requests_text(requests)}"


def request_forms(requests: Iterable[ProbeRequest]) -> list[RequestForm]:
    """The same for JSON."""
    return [RequestForm(request=request_line(request), writes=request.writes) for request in requests]
