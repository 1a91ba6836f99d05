"""`orthgen lock`: the digests of the images that the profiles' deployments run."""

from __future__ import annotations

import click

from orthgen.cli.lock_options import LockMode, RegistryOptions, mode_options, registry_options
from orthgen.cli.options import output_format, profiles


@click.command
@profiles
@mode_options
@registry_options
@output_format("text", "json")
def lock(profiles: tuple[str, ...], mode: LockMode, registry: RegistryOptions, output: str) -> None:
    """
    Pin the images of the profiles' deployments by digest, in `orthgen.lock` beside the profiles.

    The digest is that of the image's index, so one entry serves every platform. Images that the lock names keep their
    digest without `--update`. With `--check` a registry is asked only for `--update`. Exit codes: 4 a registry refuses
    the sign-in, 6 it cannot be reached; then nothing is written.
    """
    from orthgen.cli.tasks.lock import update_locks

    if registry.source is not None and (registry.mirror or registry.token or registry.platforms):
        raise click.UsageError("`--from` asks no registry: leave out --mirror, --token and --platform")
    update_locks(profiles, mode, registry, output)
