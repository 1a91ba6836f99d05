"""`orthgen render`: write the deployment that a profile implies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import PARENT, Out, Parent, Profiles, Quiet, folder_of


def render(
    profiles: Profiles,
    out: Out = None,
    parent: Parent = PARENT,
    target: Annotated[
        Literal["compose"], typer.Option("--target", metavar="compose", help="How the deployment is run.")
    ] = "compose",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 3 where the folder is out of date.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what changes in each file.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that somebody edited since they were rendered.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the deployment of another profile in the folder.")
    ] = False,
    start_empty: Annotated[
        bool,
        typer.Option(
            "--start-empty", help="Let the deployment's name change: its containers start without data."
        ),
    ] = False,
    upgrade: Annotated[
        bool,
        typer.Option(
            "--upgrade", help="Let the release change; `orthgen upgrade` says what has to be done besides."
        ),
    ] = False,
    hide_studies: Annotated[
        bool,
        typer.Option(
            "--hide-studies",
            help="Let a collection's label go: people who are limited to collections no longer see its studies.",
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """
    Write every file of the deployment that a profile implies.

    The same profile gives the same bytes. The folder changes as a whole or not at all; files that are not
    orthgen's are left alone, and one that somebody edited is not overwritten (exit code 4).
    """
    from orthgen.rendering.batch import RenderJob, Status, run_jobs
    from orthgen.report.console import Console
    from orthgen.report.render import show_outcome
    from orthgen.workspace.provenance import Permission

    permissions = {
        Permission.REPLACE: replace,
        Permission.START_EMPTY: start_empty,
        Permission.UPGRADE: upgrade,
        Permission.HIDE_STUDIES: hide_studies,
    }
    allowed = frozenset(permission for permission, is_given in permissions.items() if is_given)
    jobs = [
        RenderJob(path, folder, target, write=not check, force=force, allowed=allowed)
        for path, folder in zip(profiles, _folders(profiles, out, parent), strict=True)
    ]
    console, worst = Console(), Status.DONE
    for _, outcome in zip(jobs, run_jobs(jobs), strict=True):
        worst = max(worst, outcome.status, key=lambda status: status.value)
        show_outcome(outcome, console, with_difference=diff, brief=len(jobs) > 1, quiet=quiet)
    if _is_gone():
        console.tell('the folder that you are in was replaced; `cd "$PWD"` leads to the new one')
    codes = {
        Status.OUT_OF_DATE: ExitCode.CHANGES,
        Status.REFUSED: ExitCode.REFUSED,
        Status.FAILED: ExitCode.FAILED,
    }
    if worst in codes:
        raise typer.Exit(codes[worst])


def _is_gone() -> bool:
    """Whether the folder that the shell stands in is the old one: a deployment changes as a whole."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _folders(profiles: list[str], out: Path | None, parent: Path) -> list[Path]:
    """Where each profile's deployment goes: the same place, however many are rendered at once."""
    if out is not None:
        if len(profiles) > 1:
            raise typer.BadParameter(
                "`--out` is the folder of one deployment; with several profiles, say `--parent DIR`: "
                "each goes to DIR/NAME, also where it is rendered alone"
            )
        return [out]
    folders = [folder_of(profile, parent) for profile in profiles]
    twice = next((folder for index, folder in enumerate(folders) if folder in folders[:index]), None)
    if twice is not None:
        raise typer.BadParameter(
            f"two profiles are called `{twice.name}`; their deployments would go to the same folder"
        )
    return folders
