"""
The secrets of a deployment: makes the missing random ones, lists those that a person has to supply.

A file that exists is never touched, read or printed. New ones are made with mode 0600 and 256 bits from the
operating system.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import OrthgenError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.deployment.model import SecretFile

FOLDER = "secrets"


@dataclass(frozen=True, slots=True)
class SecretsOutcome:
    """What happened to each secret: made now, there before, or still to be supplied."""

    made: tuple[SecretFile, ...]
    kept: tuple[SecretFile, ...]
    wanted: tuple[SecretFile, ...]


def make_secrets(wanted: Sequence[SecretFile], folder: Path) -> SecretsOutcome:
    """Make the missing random secrets below `folder`/secrets; raises OrthgenError where that is not possible."""
    place = folder / FOLDER
    made: list[SecretFile] = []
    kept: list[SecretFile] = []
    missing: list[SecretFile] = []
    try:
        place.mkdir(parents=True, exist_ok=True)
        for secret in wanted:
            path = place / secret.name
            if path.is_file() and path.stat().st_size > 0:
                kept.append(secret)
            elif secret.origin == "given":
                missing.append(secret)
            elif _make(path):
                made.append(secret)
            else:
                kept.append(secret)
    except OSError as error:
        raise OrthgenError(f"cannot write `{place}`: {(error.strerror or str(error)).lower()}") from error
    return SecretsOutcome(tuple(made), tuple(kept), tuple(missing))


def _make(path: Path) -> bool:
    """Write a new secret; False where another run was faster."""
    if path.is_file():
        path.unlink()  # empty: left behind by somebody's editor or a failed copy
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(secrets.token_urlsafe(32))
    return True
