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


extent_options = option_group(
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
        help="Use roles, clients and providers of the same name that others made before.",
    ),
    click.option(
        "--allow-destroy",
        is_flag=True,
        help="Let a client, a provider, a directory, or a role or group that people hold be deleted.",
    ),
    click.option("--allow-many", is_flag=True, help="Let more than 30 % of what exists be changed."),
)


class Display(Struct, frozen=True):
    """Extent and format of the displayed plan."""

    output: str
    full: bool
    show_all: bool
    quiet: bool


display_options = option_group(
    "display",
    Display,
    output_format("text", "json"),
    click.option(
        "--full", is_flag=True, help="Show each object of many that are made, and every item of a list."
    ),
    click.option("--all", "show_all", is_flag=True, help="List the objects of others, too."),
    quiet,
)
