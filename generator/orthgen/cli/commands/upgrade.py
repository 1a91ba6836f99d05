"""`orthgen upgrade`: the steps of a change of the release."""

from __future__ import annotations

import click

from orthgen.cli.edit_options import EditOptions, Releases, edit_options, release_options
from orthgen.cli.options import (
    DeploymentFolder,
    deployment_folder,
    one_profile,
    output_format,
)


@click.command
@one_profile
@release_options
@deployment_folder
@edit_options
@output_format("text", "json")
def upgrade(
    profile: str,
    releases: Releases,
    folder: DeploymentFolder,
    options: EditOptions,
    output: str,
) -> None:
    """
    Write another release into the profile, and show the steps of the change.

    Shows the versions that differ, the stored data, the steps in order, and the way back. Without `--to`, with `--check`
    and with `--diff` the command changes nothing. The deployment changes in none of these cases. Exit codes: 3 stored data
    needs a migration, 0 a start of the rendered deployment is enough.
    """
    from orthgen.cli.tasks.upgrade import change_and_show

    change_and_show(profile, folder.of(profile), releases, options, output)
