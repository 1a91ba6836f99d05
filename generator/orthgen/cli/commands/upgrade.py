"""`orthgen upgrade`: tell what a change of the release takes."""

from __future__ import annotations

from typing import Annotated

import typer

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import PARENT, OneProfile, Out, Parent, folder_of


def upgrade(
    profile: OneProfile,
    to: Annotated[
        str, typer.Option("--to", metavar="RELEASE", help="The release to go to; by default the profile's.")
    ] = "",
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="RELEASE",
            help="The release that runs; by default what the folder's manifest says.",
        ),
    ] = "",
    out: Out = None,
    parent: Parent = PARENT,
) -> None:
    """
    Tell what a change of the release takes: what is stored, the steps in their order, the way back. Changes nothing.

    Exits with 3 where something has to be carried over, 0 where `docker compose up` is all.
    """
    from orthgen.catalogue import load
    from orthgen.deployment.upgrade import upgrade as plan_upgrade
    from orthgen.errors import OrthgenError
    from orthgen.rendering.pipeline import resolve_profile
    from orthgen.report.console import Console
    from orthgen.report.upgrade import upgrade_text
    from orthgen.workspace.manifest import read_manifest

    deployment, _ = resolve_profile(profile)
    folder = out or folder_of(profile, parent)
    provenance = read_manifest(folder).provenance
    before = from_ or (provenance.release if provenance is not None else "")
    if not before:
        raise OrthgenError(
            f"`{folder}` does not say which release it is on",
            hint="name the deployment's folder with `--out`, or the release that runs with `--from`",
        )
    plan = plan_upgrade(before, load(to) if to else deployment.release, deployment, profile, str(folder))
    Console().say(upgrade_text(plan))
    raise typer.Exit(ExitCode.CHANGES if plan.steps else ExitCode.DONE)
