"""`orthgen render`: the files of the deployment that a profile implies."""

from __future__ import annotations

import click
from msgspec import Struct

from orthgen.cli.options import (
    DeploymentFolder,
    deployment_folder,
    option_group,
    output_format,
    profiles,
    quiet,
)


class Consents(Struct, frozen=True):
    """Consent to changes of an existing deployment that render refuses without it."""

    replace: bool
    start_empty: bool
    upgrade: bool
    hide_studies: bool
    exchange_labels: bool
    leave_files: bool


@click.command
@profiles
@deployment_folder
@click.option(
    "--target",
    type=click.Choice(["compose", "kubernetes"]),
    help="Docker Compose on one host, or a Kubernetes cluster; by default the cluster if the profile has `deployment.kubernetes`.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit code 3 if the folder is out of date.")
@click.option(
    "--diff",
    is_flag=True,
    help="Write nothing; show the changes in each file, or the differences from a deployment that orthgen did not write; exit code 3 as with --check.",
)
@click.option("--force", is_flag=True, help="Overwrite files that were edited after the last render.")
@option_group(
    "consents",
    Consents,
    click.option("--replace", is_flag=True, help="Replace the deployment of another profile in the folder."),
    click.option(
        "--start-empty",
        is_flag=True,
        help="Accept a new deployment name: its containers start without data.",
    ),
    click.option(
        "--upgrade",
        is_flag=True,
        help="Accept a new release; `orthgen upgrade` shows the other steps.",
    ),
    click.option(
        "--hide-studies",
        is_flag=True,
        help="Accept the loss of a collection's label: people limited to collections no longer see its studies.",
    ),
    click.option(
        "--exchange-labels",
        is_flag=True,
        help="Accept that a collection gets the label of another one: people limited to it see the studies of the other one.",
    ),
    click.option(
        "--leave-files",
        is_flag=True,
        help="Accept another place of the DICOM files, or other master keys: what is only at the old place is not found.",
    ),
)
@output_format("text", "json")
@quiet
def render(
    profiles: tuple[str, ...],
    folder: DeploymentFolder,
    target: str | None,
    check: bool,
    diff: bool,
    force: bool,
    consents: Consents,
    output: str,
    quiet: bool,
) -> None:
    """
    Write every file of the deployment.

    The same profile gives the same bytes. The folder changes completely or not at all. Files of other origin stay.
    An edited file is not overwritten (exit code 4).
    """
    from orthgen.cli.tasks.render import OutcomeDisplay, jobs_of, run
    from orthgen.workspace.provenance import Consent

    given = {
        Consent.REPLACE: consents.replace,
        Consent.START_EMPTY: consents.start_empty,
        Consent.UPGRADE: consents.upgrade,
        Consent.HIDE_STUDIES: consents.hide_studies,
        Consent.EXCHANGE_LABELS: consents.exchange_labels,
        Consent.LEAVE_FILES: consents.leave_files,
    }
    jobs = jobs_of(
        profiles,
        folder,
        target=target,
        write=not (check or diff),
        force=force,
        consents=frozenset(consent for consent, is_given in given.items() if is_given),
    )
    run(jobs, OutcomeDisplay(with_difference=diff, quiet=quiet, output=output))
