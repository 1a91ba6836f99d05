"""`orthgen doctor`: the machine before the start, and the running deployment after it."""

from __future__ import annotations

from pathlib import Path

import click

from orthgen.cli.options import FILE, PROFILE_FILE, DeploymentFolder, deployment_folder, output_format


@click.command
@click.argument(
    "profile",
    metavar="[PROFILE]",
    required=False,
    type=PROFILE_FILE,
    help="The profile (YAML); without it, the machine alone is examined.",
)
@click.option("--url", metavar="URL", help="The address to ask, instead of the profile's.")
@click.option("--ca-file", metavar="FILE", type=FILE, help="The authority that signed the certificate (PEM).")
@deployment_folder
@output_format("text", "json")
def doctor(
    profile: str | None, url: str | None, ca_file: Path | None, folder: DeploymentFolder, output: str
) -> None:
    """
    Examine the machine, and the deployment that runs on it. Changes nothing.

    Before the start: container engine, Docker Compose, kernel, clock, disk, memory, rendered files, secrets, certificate,
    host name, ports. After it also: containers, images, the served certificate, Keycloak's issuer, and the questions of
    `orthgen verify` that read. Each result is `ok`, `warning`, `error` or `unknown`, with the remedy (docs/doctor.md). Exit
    code 5 if there is an error.
    """
    from orthgen.cli.tasks.doctor import examine_and_show

    examine_and_show(profile, folder, url, ca_file, output)
