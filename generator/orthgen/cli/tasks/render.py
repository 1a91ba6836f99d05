"""Renders of one or several profiles."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import STANDARD_INPUT
from orthgen.rendering.batch import RenderJob, Status, run_jobs
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.render import outcome_form, replaced_folder_text, show_outcome, show_problems

if TYPE_CHECKING:
    from orthgen.cli.options import DeploymentFolder

_CODES = {
    Status.OUT_OF_DATE: ExitCode.CHANGES,
    Status.REFUSED: ExitCode.REFUSED,
    Status.FAILED: ExitCode.FAILED,
}


class Display(Struct, frozen=True):
    """Options for the display of outcomes."""

    with_difference: bool
    quiet: bool
    output: str


def jobs_of(profiles: Sequence[str], folder: DeploymentFolder, **settings: Any) -> list[RenderJob]:
    """One job for each profile, with its folder; click's usage error where two folders are equal."""
    return [
        RenderJob(profile, job_folder, **settings)
        for profile, job_folder in zip(profiles, _folders(profiles, folder), strict=True)
    ]


def run(jobs: Sequence[RenderJob], display: Display) -> None:
    """Run the jobs and show each outcome; exit with the code of the worst."""
    console, worst = Console(), Status.DONE
    forms = []
    for _, outcome in zip(jobs, run_jobs(jobs), strict=True):
        worst = max(worst, outcome.status, key=lambda status: status.value)
        if display.output == "json":
            show_problems(outcome, console, quiet=display.quiet)
            forms.append(outcome_form(outcome, with_difference=display.with_difference))
            continue
        show_outcome(
            outcome,
            console,
            with_difference=display.with_difference,
            brief=len(jobs) > 1,
            quiet=display.quiet,
        )
    if display.output == "json":
        console.say(json_text(forms))
    if _is_replaced():
        console.tell(replaced_folder_text())
    if worst in _CODES:
        sys.exit(_CODES[worst])


def _is_replaced() -> bool:
    """Whether the shell's folder was replaced, because a deployment changes as a whole."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _folders(profiles: Sequence[str], folder: DeploymentFolder) -> list[Path]:
    """The folder of each profile's deployment: the same, however many are rendered at once."""
    if len(profiles) > 1 and STANDARD_INPUT in profiles:
        raise click.UsageError("a profile from standard input (`-`) is rendered alone")
    if folder.out is not None and len(profiles) > 1:
        raise click.UsageError(
            "`--out` is the folder of one deployment; with several profiles, give `--parent DIR`: "
            "each goes to DIR/NAME, also where it is rendered alone"
        )
    folders = [folder.of(profile) for profile in profiles]
    duplicate = next((path for index, path in enumerate(folders) if path in folders[:index]), None)
    if duplicate is not None:
        raise click.UsageError(
            f"two profiles are called `{duplicate.name}`; their deployments would go to the same folder"
        )
    return folders
