"""An error as text: the failure, its reason, the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.errors import FindingsError, OrthgenError, Refused
from orthgen.report.console import paint
from orthgen.report.error_forms import ErrorForm, Failure
from orthgen.report.findings import count_text, finding_form, findings_text

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO


def error_text(error: OrthgenError, stream: TextIO, *, with_silenced: bool = False) -> str:
    """The error's lines; findings come first, so that the summary is what is still on the screen."""
    label = paint("error", "bold", "red", stream=stream)
    lines: list[str] = []
    message = error.message
    if isinstance(error, FindingsError) and error.findings:
        lines.append(findings_text(error.findings, error.texts, stream, with_silenced=with_silenced))
        message = f"{message}: {count_text(error.findings)}"
    lines.append(f"{label}: {message}")
    if isinstance(error, Refused):
        lines += [f"  {path}" for path in error.paths]
    if error.hint:
        lines.append(f"  {paint('=', 'blue', stream=stream)} {error.hint}")
    return "\n".join(lines)


def failure_form(error: OrthgenError) -> Failure:
    """The error's facts for JSON."""
    findings = error.findings if isinstance(error, FindingsError) else ()
    return Failure(
        error.message,
        error.hint or None,
        tuple(error.paths) if isinstance(error, Refused) else (),
        tuple(map(finding_form, findings)),
    )


def error_form(error: OrthgenError, exit_code: int) -> ErrorForm:
    """The JSON of a command that fails."""
    return ErrorForm(failure_form(error), exit_code)


def line_error_text(path: Path, line: int, column: int, message: str) -> str:
    """The error of one line of an input file."""
    return f"{path}:{line}:{column}: error: {message}"


def line_warning_text(path: Path, line: int, column: int, message: str) -> str:
    """The warning about one line of an input file."""
    return f"{path}:{line}:{column}: warning: {message}"
