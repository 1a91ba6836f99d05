"""`orthgen rotate`: new values for secrets of a running deployment."""

from __future__ import annotations

import click

from orthgen.cli.options import DeploymentFolder, deployment_folder, one_profile, output_format
from orthgen.cli.rotate_options import RotationOptions, rotation_options
from orthgen.cli.server_options import ServerOptions, SignInOptions, server_options, sign_in_options


@click.command
@one_profile
@click.argument(
    "names", nargs=-1, metavar="[NAME]...", help="The secrets; without one, the command lists all of them."
)
@rotation_options
@deployment_folder
@output_format("text", "json")
@server_options
@sign_in_options
def rotate(
    profile: str,
    names: tuple[str, ...],
    rotation: RotationOptions,
    folder: DeploymentFolder,
    output: str,
    server: ServerOptions,
    sign_in: SignInOptions,
) -> None:
    """
    Replace secrets of a running deployment: plan, confirm, change.

    The plan has the steps of orthgen and of people, in their order, what does not work meanwhile, and who notices. Random
    secrets get new random values. The command changes the running PostgreSQL and Keycloak first, then the file, and then
    starts the readers again. After an interruption, the same command goes on with the same value. Exit code 3 with
    --check; 4 Keycloak refuses, 6 Keycloak unreachable.
    """
    from orthgen.cli.tasks.rotate import rotate_secrets
    from orthgen.cli.terminal import is_interactive

    if names and not rotation.check and not rotation.yes and not is_interactive():
        raise click.UsageError("standard input is not a terminal: pass --check to preview or --yes to change")
    rotate_secrets(profile, names, rotation, folder.of(profile), output, server, sign_in)
