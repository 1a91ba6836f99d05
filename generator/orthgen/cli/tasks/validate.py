"""Validation of profiles, one after the other, and its report in one of four forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from orthgen.cli.exit_codes import ExitCode
from orthgen.findings import Severity
from orthgen.rendering.validation import validate_profile
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.sarif import sarif_value
from orthgen.report.validation import show_validation, validations_form, validations_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.rendering.validation import Validation


def validate_profiles(profiles: Sequence[str], output: str, *, show_silenced: bool, quiet: bool) -> None:
    """Validate the profiles and report; exit with 1 where one is not valid."""
    console = Console()
    validations = []
    for path in profiles:
        validation = validate_profile(path)
        validations.append(validation)
        if output == "text":
            show_validation(validation, console, with_silenced=show_silenced, quiet=quiet)
    reported = [_errors_alone(each) for each in validations] if quiet else validations
    if output == "markdown":
        console.say(validations_markdown(reported))
    elif output != "text":
        console.say(json_text(sarif_value(reported) if output == "sarif" else validations_form(reported)))
    if any(validation.error is not None for validation in validations):
        raise click.exceptions.Exit(ExitCode.FAILED)


def _errors_alone(validation: Validation) -> Validation:
    errors = [finding for finding in validation.findings if finding.severity is Severity.ERROR]
    return replace(validation, findings=tuple(errors))
