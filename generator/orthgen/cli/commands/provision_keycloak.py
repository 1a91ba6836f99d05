"""`orthgen provision-keycloak`: reconcile the realm with the profile, after showing the plan."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import Struct

from orthgen.cli.options import FILE, STANDARD_INPUT, one_profile, option_group, output_format, quiet
from orthgen.cli.server_options import (
    SecretOptions,
    ServerOptions,
    SignInOptions,
    secret_options,
    server_options,
    sign_in_options,
)


class Extent(Struct, frozen=True):
    """Changes that a plan has beside those that the profile asks for."""

    prune: bool
    reset_undeclared: bool
    write_secrets: bool
    save_secrets: bool


class Consent(Struct, frozen=True):
    """Answers given in advance: apply without asking, and what is refused unless it is allowed."""

    yes: bool
    adopt: bool
    allow_destroy: bool
    allow_many: bool


class Display(Struct, frozen=True):
    """How much of the plan is shown, and in which form."""

    output: str
    full: bool
    show_all: bool
    quiet: bool


@click.command
@one_profile
@click.option(
    "--check", is_flag=True, help="Change nothing; show the plan, exit with 3 where there are changes."
)
@click.option(
    "--plan-file",
    metavar="FILE",
    type=FILE,
    help="With --check: write the plan there. Without: apply only that very plan; `-`: standard input.",
)
@option_group(
    "consent",
    Consent,
    click.option("--yes", is_flag=True, help="Apply without asking."),
    click.option(
        "--adopt",
        is_flag=True,
        help="Use roles, clients and providers of the same name that others made before.",
    ),
    click.option(
        "--allow-destroy",
        is_flag=True,
        help="Let a client, a provider, a directory, or a role or group that people hold be deleted.",
    ),
    click.option("--allow-many", is_flag=True, help="Let more than 30 % of what exists be changed."),
)
@option_group(
    "extent",
    Extent,
    click.option(
        "--prune", is_flag=True, help="Delete what orthgen made and the profile no longer asks for."
    ),
    click.option(
        "--reset-undeclared",
        is_flag=True,
        help="Put right, too, what is only reported and not the profile's to change.",
    ),
    click.option("--write-secrets", is_flag=True, help="Write every secret again, after one was changed."),
    click.option(
        "--save-secrets",
        is_flag=True,
        help="Let Keycloak make the auth-service's secret, and keep it here.",
    ),
)
@option_group(
    "display",
    Display,
    output_format("text", "json"),
    click.option(
        "--full", is_flag=True, help="Show each object of many that are made, and every item of a list."
    ),
    click.option("--all", "show_all", is_flag=True, help="List the objects of others, too."),
    quiet,
)
@server_options
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(1, 86400),
    default=600,
    help="How long one change may take Keycloak.",
)
@secret_options
@sign_in_options
def provision_keycloak(
    profile: str,
    check: bool,
    plan_file: Path | None,
    consent: Consent,
    extent: Extent,
    display: Display,
    server: ServerOptions,
    timeout: float,
    secrets: SecretOptions,
    sign_in: SignInOptions,
) -> None:
    """
    Reconcile the Keycloak realm with the profile: plan, confirm, apply.

    Exits with 0 where the realm is in sync or was brought there, 3 where --check found changes, 4 where Keycloak
    refuses, 6 where it is not reached, 7 where a plan is unsafe, 8 where something is reported that gives more than
    the profile says and is not the profile's to change.
    """
    from orthgen.cli.tasks.provision_keycloak import Provisioning, provision
    from orthgen.cli.terminal import is_interactive

    if not check and not consent.yes and not is_interactive():
        raise click.BadParameter(
            "standard input is not a terminal: pass --check to preview or --yes to apply"
        )
    if check and str(plan_file) == STANDARD_INPUT:
        raise click.BadParameter("`-` is standard input: write the plan with --format json instead")
    provisioning = Provisioning.connect(profile, server, secrets, sign_in, timeout=timeout)
    if check:
        provisioning.preview(provisioning.prepare(extent).plan, plan_file, display)
    else:
        provision(provisioning, extent, plan_file, consent, display)
