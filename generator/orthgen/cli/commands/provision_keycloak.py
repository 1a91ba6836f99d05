"""`orthgen provision-keycloak`: reconcile the realm with the profile, after showing the plan."""

from __future__ import annotations

from pathlib import Path

import click

from orthgen.cli.options import FILE, STANDARD_INPUT, one_profile
from orthgen.cli.provision_options import (
    Consent,
    Extent,
    PlanDisplay,
    consent_options,
    display_options,
    extent_options,
)
from orthgen.cli.server_options import (
    SecretOptions,
    ServerOptions,
    SignInOptions,
    secret_options,
    server_options,
    sign_in_options,
)


@click.command
@one_profile
@click.option(
    "--check", is_flag=True, help="Change nothing: show the plan; exit code 3 if there are changes."
)
@click.option(
    "--plan-file",
    metavar="FILE",
    type=FILE,
    help="With --check: write the plan to this file. Without: apply only this plan; `-`: standard input.",
)
@consent_options
@extent_options
@display_options
@server_options
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(1, 86400),
    default=600,
    help="The time limit for one change, in seconds.",
)
@secret_options
@sign_in_options
def provision_keycloak(
    profile: str,
    check: bool,
    plan_file: Path | None,
    consent: Consent,
    extent: Extent,
    display: PlanDisplay,
    server: ServerOptions,
    timeout: float,
    secrets: SecretOptions,
    sign_in: SignInOptions,
) -> None:
    """
    Reconcile the Keycloak realm with the profile: plan, confirm, apply.

    Exit codes: 0 realm in sync or changes applied, 3 `--check` found changes, 4 Keycloak refuses, 6 Keycloak
    unreachable, 7 unsafe plan, 8 the realm gives more access than the profile, by objects that a run
    leaves as they are.
    """
    from orthgen.cli.tasks.provision_keycloak import Provisioning, provision
    from orthgen.cli.terminal import is_interactive

    if not check and not consent.yes and not is_interactive():
        raise click.UsageError("standard input is not a terminal: pass --check to preview or --yes to apply")
    if check and str(plan_file) == STANDARD_INPUT:
        raise click.UsageError("`-` is standard input: write the plan with --format json instead")
    provisioning = Provisioning.connect(profile, server, secrets, sign_in, timeout=timeout)
    if check:
        provisioning.preview(provisioning.prepare(extent).plan, plan_file, display)
    else:
        provision(provisioning, extent, plan_file, consent, display)
