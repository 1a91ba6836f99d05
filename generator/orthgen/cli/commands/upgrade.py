"""`orthgen upgrade`: the steps of a change of the release."""

from __future__ import annotations

import click

from orthgen.cli.options import DeploymentFolder, deployment_folder, one_profile, output_format


@click.command
@one_profile
@click.option("--to", metavar="RELEASE", help="The release to go to; by default the profile's.")
@click.option(
    "--from",
    "before",
    metavar="RELEASE",
    help="The release that runs; by default the one in the folder's manifest.",
)
@deployment_folder
@output_format("text", "json")
def upgrade(profile: str, to: str | None, before: str | None, folder: DeploymentFolder, output: str) -> None:
    """
    Show the steps of a change of the release. Changes nothing.

    Shows what is stored, the steps in their order, and how to go back. Exits with 3 where something has to be carried
    over, 0 where `docker compose up` is all.
    """
    from orthgen.cli.tasks.upgrade import show_steps

    show_steps(profile, folder.of(profile), before, to, output)
