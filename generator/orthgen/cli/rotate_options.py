"""Options of `rotate`: the new values, consent, and the start of the readers."""

from __future__ import annotations

import click
from msgspec import Struct

from orthgen.cli.options import option_group


class RotationOptions(Struct, frozen=True):
    """The store of new values, and whether something is changed, asked and started."""

    source: str | None
    check: bool
    yes: bool
    no_restart: bool


rotation_options = option_group(
    "rotation",
    RotationOptions,
    click.option(
        "--from",
        "source",
        metavar="STORE",
        help="Take the new values from a store (docs/secrets.md), such as `sops:secrets.enc.yaml`.",
    ),
    click.option("--check", is_flag=True, help="Change nothing: show the plan; exit code 3."),
    click.option("--yes", is_flag=True, help="Change without asking."),
    click.option(
        "--no-restart",
        is_flag=True,
        help="Do not start the readers again: they have the old value until then.",
    ),
)
