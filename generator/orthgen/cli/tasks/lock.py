"""Locks of image digests: asked for, shown, written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.options import STANDARD_INPUT
from orthgen.cli.terminal import secret_source
from orthgen.errors import OrthgenError, system_reason
from orthgen.rendering.digest_lock_state import lock_plans
from orthgen.rendering.image_digests import RegistryDigests, file_digests
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.lock import lock_difference, lock_form, lock_text
from orthgen.server_address import parse_server
from orthgen.workspace.digest_lock_file import write_lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.cli.lock_options import LockMode, RegistryOptions
    from orthgen.rendering.digest_lock_state import Digests


def update_locks(profiles: Sequence[str], mode: LockMode, registry: RegistryOptions, output: str) -> None:
    """Bring each lock up to date, or show its changes; exit with 3 where something is left to do."""
    if STANDARD_INPUT in profiles:
        raise click.UsageError("a lock is in the folder of its profile, and standard input has no folder")
    is_written = not (mode.check or mode.diff)
    # A plain check asks nobody: an entry that is missing is a finding by itself.
    digests = _digests(registry) if is_written or mode.update or mode.diff else None
    plans = lock_plans(profiles, digests, update=mode.update, prune=mode.prune)
    console = Console()
    for plan in plans:
        if is_written and not plan.is_current:
            write_lock(plan.path, plan.after)
        if output == "text":
            if mode.diff and plan.before != plan.after:
                console.say(lock_difference(plan))
            console.say(lock_text(plan, console.out))
    if output == "json":
        console.say(json_text([lock_form(plan) for plan in plans]))
    if not is_written and not all(plan.is_current for plan in plans):
        sys.exit(ExitCode.CHANGES)


def _digests(registry: RegistryOptions) -> Digests:
    if registry.source is not None:
        return file_digests(registry.source, _read)
    mirror = ""
    if registry.mirror is not None:
        address = parse_server(
            registry.mirror,
            example="https://mirror.example.org",
            elsewhere="`docker login` has the name and password",
        )
        mirror = address.url.rstrip("/")
    token = secret_source().resolve(registry.token, "registry-token") if registry.token else ""
    return RegistryDigests(registry.platforms, mirror, token, registry.ca_file)


def _read(path: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if str(path) == STANDARD_INPUT else path.read_bytes()
        return content.decode()
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "it is not text in UTF-8"
        raise OrthgenError(f"cannot read `{path}`: {reason}") from None
