"""Options of provisioning: the plan's extent, consent to it, and how it is shown."""

from __future__ import annotations

import click
from msgspec import Struct

from orthgen.cli.options import option_group, output_format, quiet


class Extent(Struct, frozen=True):
    """Changes that a plan has beside those that the profile asks for."""

    prune: bool
    reset_undeclared: bool
    write_secrets: bool
    save_secrets: bool
    holders: bool


extent_options = option_group(
    "extent",
    Extent,
    click.option(
        "--prune",
        is_flag=True,
        help="Delete objects that orthgen made and that are no longer in the profile.",
    ),
    click.option(
        "--reset-undeclared",
        is_flag=True,
        help="Also correct differences that are otherwise only reported.",
    ),
    click.option("--write-secrets", is_flag=True, help="Write every secret again, after a change of one."),
    click.option(
        "--save-secrets",
        is_flag=True,
        help="Let Keycloak make the auth-service's secret, and save it in the deployment's folder.",
    ),
    click.option(
        "--holders",
        is_flag=True,
        help="Also report who has a role of the profile or of Keycloak's administration without a rule.",
    ),
)


class Consent(Struct, frozen=True):
    """Answers given in advance: apply without asking, and what is refused unless it is allowed."""

    yes: bool
    adopt: bool
    allow_destroy: bool
    allow_many: bool


consent_options = option_group(
    "consent",
    Consent,
    click.option("--yes", is_flag=True, help="Apply without asking."),
    click.option(
        "--adopt",
        is_flag=True,
        help="Use existing roles, clients and providers of the same name that others made.",
    ),
    click.option(
        "--allow-destroy",
        is_flag=True,
        help="Accept the deletion of a client, provider or directory, or of a role or group with holders.",
    ),
    click.option(
        "--allow-many", is_flag=True, help="Accept changes of more than 30 % of the existing objects."
    ),
)


class PlanDisplay(Struct, frozen=True):
    """Extent and format of the displayed plan."""

    output: str
    full: bool
    show_all: bool
    quiet: bool


display_options = option_group(
    "display",
    PlanDisplay,
    output_format("text", "json", "markdown"),
    click.option("--full", is_flag=True, help="Show each new object completely, and every item of a list."),
    click.option("--all", "show_all", is_flag=True, help="Also list objects that orthgen does not manage."),
    quiet,
)
