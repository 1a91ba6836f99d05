"""Validation of profiles, one after the other, and its report in one of several forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from orthgen.cli.exit_codes import ExitCode
from orthgen.findings import Severity
from orthgen.rendering.validation import validate_profile
from orthgen.report.console import Console
from orthgen.report.forge_findings import github_annotations, gitlab_quality
from orthgen.report.json_text import json_text
from orthgen.report.sarif import sarif_value
from orthgen.report.validation import (
    failures_of,
    findings_of,
    show_validation,
    validations_form,
    validations_markdown,
)

if TYPE_CHECKING:
    from orthgen.rendering.validation import Validation


_FORMS: dict[str, Callable[[Sequence[Validation]], str]] = {
    "json": lambda validations: json_text(validations_form(validations)),
    "sarif": lambda validations: json_text(sarif_value(validations)),
    "markdown": validations_markdown,
    "github": lambda validations: github_annotations(findings_of(validations), failures_of(validations)),
    "gitlab": lambda validations: json_text(gitlab_quality(findings_of(validations))),
}


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
    if output != "text":
        console.say(_FORMS[output](reported))
    if any(validation.error is not None for validation in validations):
        raise click.exceptions.Exit(ExitCode.FAILED)


def _errors_alone(validation: Validation) -> Validation:
    errors = [finding for finding in validation.findings if finding.severity is Severity.ERROR]
    return replace(validation, findings=tuple(errors))
