"""`orthgen upgrade`: the steps of a change of the release."""

from __future__ import annotations

from collections.abc import Iterable

import click

from orthgen.cli.options import (
    DeploymentFolder,
    completed,
    deployment_folder,
    one_profile,
    output_format,
)


def _releases() -> Iterable[str]:
    from orthgen.catalogue import releases

    return releases()


@click.command
@one_profile
@click.option(
    "--to",
    metavar="RELEASE",
    shell_complete=completed(_releases),
    help="The new release; by default the profile's.",
)
@click.option(
    "--from",
    "before",
    metavar="RELEASE",
    shell_complete=completed(_releases),
    help="The running release; by default that of the folder's manifest.",
)
@deployment_folder
@output_format("text", "json")
def upgrade(profile: str, to: str | None, before: str | None, folder: DeploymentFolder, output: str) -> None:
    """
    Show the steps of a change of the release. Changes nothing.

    Shows the stored data, the steps in order, and the way back. Exit codes: 3 stored data needs a migration,
    0 `docker compose up` is enough.
    """
    from orthgen.cli.tasks.upgrade import show_steps

    show_steps(profile, folder.of(profile), before, to, output)
