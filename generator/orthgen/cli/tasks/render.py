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
from orthgen.rendering.batch import RenderJob, RenderOutcome, RenderStatus, run_jobs
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.render import (
    outcome_form,
    replaced_folder_text,
    shared_name_text,
    show_outcome,
    show_problems,
)
from orthgen.workspace.manifest import MANIFEST
from orthgen.workspace.shared_names import shared_names

if TYPE_CHECKING:
    from orthgen.cli.options import DeploymentFolder

_CODES = {
    RenderStatus.OUT_OF_DATE: ExitCode.CHANGES,
    RenderStatus.REFUSED: ExitCode.REFUSED,
    RenderStatus.FAILED: ExitCode.FAILED,
}


class OutcomeDisplay(Struct, frozen=True):
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


def run(jobs: Sequence[RenderJob], display: OutcomeDisplay) -> None:
    """Run the jobs and show each outcome; exit with the code of the worst."""
    console, worst = Console(), RenderStatus.DONE
    forms, rendered = [], []
    for _, outcome in zip(jobs, run_jobs(jobs), strict=True):
        worst = max(worst, outcome.status, key=lambda status: status.value)
        if outcome.provenance is not None:
            rendered.append((outcome.job.folder, outcome.provenance))
        if display.output == "json":
            show_problems(outcome, console, quiet=display.quiet)
            forms.append(outcome_form(outcome, with_difference=display.with_difference))
            continue
        is_foreign = display.with_difference and _show_foreign_difference(outcome, console)
        show_outcome(
            outcome,
            console,
            with_difference=display.with_difference and not is_foreign,
            brief=len(jobs) > 1 or is_foreign,
            quiet=display.quiet,
        )
    if display.output == "json":
        console.say(json_text(forms))
    if _is_replaced():
        console.tell(replaced_folder_text())
    elif not display.quiet:
        for shared in shared_names(rendered):
            console.tell(shared_name_text(shared))
    if worst in _CODES:
        sys.exit(_CODES[worst])


def _show_foreign_difference(outcome: RenderOutcome, console: Console) -> bool:
    """Show how a folder that orthgen did not write differs, by what its files say; False where it is no such deployment."""
    folder = outcome.job.folder
    if outcome.error is not None or (folder / MANIFEST).exists() or not folder.is_dir():
        return False
    from orthgen.adoption.deployment_difference import deployment_differences  # noqa: PLC0415 - readers of other people's files
    from orthgen.observed.read import observe, observe_texts  # noqa: PLC0415 - a quarter of a second, and seldom needed
    from orthgen.report.deployment_difference import deployment_difference_text  # noqa: PLC0415 - as above

    observed = observe([str(folder)])
    if not observed.orthancs:
        return False
    rendered = {change.path: change.desired.text for change in outcome.changes if change.desired is not None}
    differences = deployment_differences(observed, observe_texts(rendered))
    console.say(deployment_difference_text(folder, differences, console.out))
    return True


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
    twice = _repeated(profiles)
    if twice is not None:
        raise click.UsageError(f"the profile `{twice}` is named twice; name it once")
    duplicate = _repeated(folders)
    if duplicate is not None:
        raise click.UsageError(
            f"two profiles are called `{duplicate.name}`; their deployments would go to the same folder"
        )
    # Whoever clones the repository on such a machine would have one folder with the files of both.
    alike = _repeated([str(place).casefold() for place in folders])
    if alike is not None:
        first, second = [place.name for place in folders if str(place).casefold() == alike][:2]
        raise click.UsageError(
            f"the folders `{first}` and `{second}` are one where upper and lower case are equal (macOS, Windows); "
            "call one of the profiles otherwise"
        )
    return folders


def _repeated(values: Sequence[Any]) -> Any:
    """The first value that was there before; None where all differ."""
    return next((value for index, value in enumerate(values) if value in values[:index]), None)
