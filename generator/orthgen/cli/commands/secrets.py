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
    Make the missing random secrets; list those that a person supplies.

    An existing secret is never touched; new ones have mode 0600. With `tls: {own-authority: {}}` it also makes and
    renews nginx's certificate. Then it looks at every file that containers read, certificates included: owner, mode,
    what is in it. As root it mends owner and mode of the secrets. Exits with 3 while a secret is missing, or a file
    needs somebody's attention.
    """
    from orthgen.cli.tasks.secrets import make_and_check

    make_and_check(profile, folder.of(profile), output, quiet=quiet)
