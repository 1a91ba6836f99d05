"""The outcome of a validation as text, JSON and Markdown; `report.sarif` has the fourth form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.report.error import error_text
from orthgen.report.error_forms import ValidatedProfileForm, ValidationForm
from orthgen.report.findings import count_text, finding_form, findings_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from orthgen.findings import Finding
    from orthgen.rendering.validation import Validation
    from orthgen.report.console import Console


def show_validation(
    validation: Validation, console: Console, *, with_silenced: bool = False, quiet: bool = False
) -> None:
    """The result to standard output, errors and warnings to standard error."""
    if validation.error is not None:
        console.tell(error_text(validation.error, console.err, with_silenced=with_silenced))
    elif not quiet:
        text = findings_text(validation.findings, validation.texts, console.err, with_silenced=with_silenced)
        if text:
            console.tell(text)
        console.say(f"{validation.profile}: {_summary(validation)}")


def _summary(validation: Validation) -> str:
    """`valid for release 26.8; 2 expectations hold, 1 warning`, or the error's message."""
    counts = count_text(validation.findings)
    if validation.error is not None:
        return f"{validation.error.message}: {counts}" if counts else validation.error.message
    count = validation.expectations
    expectations = f"; {count} expectation{'s hold' if count != 1 else ' holds'}" if count else ""
    return f"valid for release {validation.release}{expectations}{f', {counts}' if counts else ''}"


def validations_form(validations: Sequence[Validation]) -> ValidationForm:
    """The outcome of every profile, for JSON."""
    return ValidationForm(
        all(validation.error is None for validation in validations),
        tuple(
            ValidatedProfileForm(
                profile=validation.profile,
                valid=validation.error is None,
                error=validation.error.message if validation.error is not None else None,
                release=validation.release or None,
                expectations=validation.expectations,
                findings=tuple(map(finding_form, validation.findings)),
            )
            for validation in validations
        ),
    )


def validations_markdown(validations: Sequence[Validation]) -> str:
    """A heading for each profile, and a table of its findings, silenced ones last."""
    return "\n\n".join("\n".join(_markdown(validation)) for validation in validations)


def _markdown(validation: Validation) -> Iterator[str]:
    yield f"## {_cell(validation.profile)}"
    yield ""
    yield _cell(_summary(validation))
    if not validation.findings:
        return
    yield ""
    yield "| severity | place | finding | remedy |"
    yield "|---|---|---|---|"
    for finding in sorted(validation.findings, key=lambda finding: bool(finding.silenced)):
        severity = "silenced" if finding.silenced else finding.severity.value
        remedy = finding.silenced or finding.hint or finding.rule.remedy
        message = f"{_cell(finding.message)} (`{finding.rule.id}`)"
        yield f"| {severity} | {_cell(str(finding.location))} | {message} | {_cell(remedy)} |"


def _cell(text: str) -> str:
    """The text on one line, so that nothing in it ends a table's cell or begins HTML."""
    return printable(text).replace("|", r"\|").replace("<", "&lt;")


def findings_of(validations: Iterable[Validation]) -> list[Finding]:
    """The findings of every profile."""
    return [finding for validation in validations for finding in validation.findings]


def failures_of(validations: Iterable[Validation]) -> list[str]:
    """The messages of the errors without findings, which have no place in a file."""
    errors = [each.error for each in validations if each.error is not None and not each.findings]
    return [error.message for error in errors]
