"""Options about a lock of image digests: the entries that change, and the source of digests."""

from __future__ import annotations

import re
from pathlib import Path

import click
from msgspec import Struct

from orthgen.cli.options import FILE, SECRET_REFERENCE, option_group

_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?")


class RegistryOptions(Struct, frozen=True):
    """The source of digests: registries, a mirror of Docker Hub, or a file."""

    source: Path | None
    platforms: tuple[str, ...]
    mirror: str | None
    token: str | None
    ca_file: Path | None


class LockMode(Struct, frozen=True):
    """The entries that change, and whether the file is written."""

    update: bool
    prune: bool
    check: bool
    diff: bool


def _platforms(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for platform in value:
        if not _PLATFORM.fullmatch(platform):
            raise click.BadParameter(f"`{platform}` is not a platform: write `linux/amd64`", ctx, param)
    return value


mode_options = option_group(
    "mode",
    LockMode,
    click.option(
        "--update", is_flag=True, help="Ask for the digest of every image again, because tags move."
    ),
    click.option(
        "--prune", is_flag=True, help="Remove entries of images that no release of the profiles has."
    ),
    click.option("--check", is_flag=True, help="Write nothing; exit code 3 if the lock is out of date."),
    click.option(
        "--diff", is_flag=True, help="Write nothing; show the changed lines; exit code 3 as with --check."
    ),
)

registry_options = option_group(
    "registry",
    RegistryOptions,
    click.option(
        "--from",
        "source",
        metavar="FILE",
        type=FILE,
        help="Take the digests from a file with `image:tag@sha256:…`, and ask no registry; `-`: standard input.",
    ),
    click.option(
        "--platform",
        "platforms",
        metavar="OS/ARCH",
        multiple=True,
        callback=_platforms,
        help="Refuse images that are not for this platform, such as linux/arm64. May be repeated.",
    ),
    click.option("--mirror", metavar="URL", help="Ask this mirror for the images of Docker Hub."),
    click.option(
        "--token",
        metavar="REF",
        help=f"The place of a token for Docker Hub or its mirror ({SECRET_REFERENCE}); by default as `docker login`.",
    ),
    click.option(
        "--ca-file",
        metavar="FILE",
        type=FILE,
        help="The authority that signed the registry's certificate (PEM).",
    ),
)
