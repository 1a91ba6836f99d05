"""`orthgen secrets`: random secrets that are missing, and a list of those that a person supplies."""

from __future__ import annotations

import click

from orthgen.cli.options import DeploymentFolder, deployment_folder, one_profile, output_format, quiet


@click.command
@one_profile
@deployment_folder
@output_format("text", "json")
@quiet
def secrets(profile: str, folder: DeploymentFolder, output: str, quiet: bool) -> None:
    """
    Make missing random secrets, list the secrets that a person supplies.

    Existing secrets never change; new ones have mode 0600. With `tls: {own-authority: {}}` the command also makes and
    renews nginx's certificate. Then it checks owner, mode and content of every file that containers read, also of
    certificates. As root it corrects owner and mode of the secrets. Exit code 3 if a secret is missing or a file has
    a problem.
    """
    from orthgen.cli.tasks.secrets import make_and_check

    make_and_check(profile, folder.of(profile), output, quiet=quiet)
