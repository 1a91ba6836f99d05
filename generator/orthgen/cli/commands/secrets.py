"""`orthgen secrets`: random secrets that are missing, a list of those that a person supplies, and stores of secrets."""

from __future__ import annotations

import click

from orthgen.cli.options import DeploymentFolder, deployment_folder, one_profile, output_format, quiet
from orthgen.cli.secret_store_options import StoreOptions, store_options


@click.command
@one_profile
@store_options
@deployment_folder
@output_format("text", "json")
@quiet
def secrets(profile: str, store: StoreOptions, folder: DeploymentFolder, output: str, quiet: bool) -> None:
    """
    Make missing random secrets, list the secrets that a person supplies.

    Existing secrets never change; new ones have mode 0600. With `tls: {own-authority: {}}` the command also makes and
    renews nginx's certificate. Then it checks owner, mode and content of every file that containers read, also of
    certificates. As root it corrects owner and mode of the secrets. Exit code 3 if a secret is missing or a file has
    a problem.

    `--from` takes every secret from a store, all or none; `--to` stores them for the first time. Stores: `sops:FILE`,
    `vault:MOUNT/PATH`, `bao:MOUNT/PATH`, `op://VAULT/ITEM`, `pass:FOLDER`, `gopass:FOLDER`, `aws:SECRET-ID`,
    `azure:VAULT`, `google:PROJECT`; only read: `folder:DIR`, `env:PREFIX`, `command:LINE`. Exit code 4 if a value in
    the store differs from a file's.
    """
    from orthgen.cli.tasks.secrets import make_and_check

    if store.source is not None and store.target is not None:
        raise click.UsageError("`--from` and `--to` are two runs: pass one of them")
    if store.replace and store.source is None and store.target is None:
        raise click.UsageError("`--replace` belongs to `--from` or `--to`")
    make_and_check(profile, folder.of(profile), store, output, quiet=quiet)
