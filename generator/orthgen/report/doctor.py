"""Results of the doctor as text and JSON: a line for each, the remedy below it, counts at the end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from orthgen.doctor.model import CheckStatus
from orthgen.report.console import paint
from orthgen.report.doctor_forms import CheckResultForm, DoctorForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from orthgen.doctor.model import CheckResult

_STYLES = {
    CheckStatus.OK: "green",
    CheckStatus.WARNING: "yellow",
    CheckStatus.ERROR: "red",
    CheckStatus.UNKNOWN: "cyan",
}
_GRAVEST_FIRST = (CheckStatus.ERROR, CheckStatus.WARNING, CheckStatus.UNKNOWN, CheckStatus.OK)


def doctor_text(results: Sequence[CheckResult], stream: TextIO) -> str:
    """A line for each result, in the order of the checks."""
    width = max(len(result.id) for result in results)
    lines = []
    for result in results:
        status = paint(f"{result.fact.status.value:7}", _STYLES[result.fact.status], stream=stream)
        lines.append(f"{status}  {result.id:{width}}  {result.fact.message}")
        if result.fact.remedy:
            lines.append(f"{'':{7 + 2 + width}}  {paint('=', 'blue', stream=stream)} {result.fact.remedy}")
    counts = Counter(result.fact.status for result in results)
    named = [
        f"{counts[status]} {_plural(status, counts[status])}" for status in _GRAVEST_FIRST if counts[status]
    ]
    return "\n".join([*lines, ", ".join(named)])


def _plural(status: CheckStatus, count: int) -> str:
    has_plural = status in {CheckStatus.WARNING, CheckStatus.ERROR}
    return f"{status.value}s" if has_plural and count != 1 else status.value


def doctor_form(results: Sequence[CheckResult]) -> DoctorForm:
    """The same for JSON."""
    return DoctorForm(
        tuple(
            CheckResultForm(
                id=result.id,
                status=result.fact.status.value,
                message=result.fact.message,
                remedy=result.fact.remedy or None,
            )
            for result in results
        )
    )
