"""Options of `secrets` about a store in which an institution keeps its secrets."""

from __future__ import annotations

from collections.abc import Iterable

import click
from msgspec import Struct

from orthgen.cli.options import completed, option_group


def _prefixes() -> Iterable[str]:
    from orthgen.secret_stores import STORES  # noqa: PLC0415 - when somebody presses the tab key

    return (f"{kind.name}:" for kind in STORES)


class StoreOptions(Struct, frozen=True):
    """The store to read or to write, and the consent to a change of existing secrets. References, never secrets."""

    source: str | None
    target: str | None
    replace: bool
    check: bool


store_options = option_group(
    "store",
    StoreOptions,
    click.option(
        "--from",
        "source",
        metavar="STORE",
        shell_complete=completed(_prefixes),
        help="Take the secrets from a store, such as `sops:secrets.enc.yaml` (docs/secrets.md).",
    ),
    click.option(
        "--to",
        "target",
        metavar="STORE",
        shell_complete=completed(_prefixes),
        help="Make missing random secrets, and put the secrets into a store that does not have them.",
    ),
    click.option(
        "--replace", is_flag=True, help="With --from or --to: also replace secrets whose values differ."
    ),
    click.option(
        "--check",
        is_flag=True,
        help="Write nothing; show what is missing, different or superfluous; exit code 3.",
    ),
)
