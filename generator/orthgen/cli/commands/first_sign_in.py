"""`orthgen first-sign-in`: the first person's sign-in to a new deployment."""

from __future__ import annotations

import click

from orthgen.cli.options import DeploymentFolder, deployment_folder, one_profile, output_format


@click.command
@one_profile
@deployment_folder
@output_format("text", "json")
def first_sign_in(profile: str, folder: DeploymentFolder, output: str) -> None:
    """
    Show the first accounts with their passwords. Only on a terminal, never in a log.

    `orthgen secrets` made the passwords. Each works once: Keycloak asks for a new one at the first sign-in.
    """
    from orthgen.cli.tasks.first_sign_in import show_first_accounts

    show_first_accounts(profile, folder.of(profile), output)
