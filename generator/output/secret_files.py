"""
The secrets of a deployment: makes the missing random ones, lists those that a person has to supply.

A file that exists is never touched, read or printed. New ones are made with mode 0600 and at least 256 bits
from the operating system. Compose mounts them as they are, so they have to belong to the user that the
containers run as; only root can give a file away, and anybody else is told how.
"""

from __future__ import annotations

import os
import secrets
import string
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.deployment.naming import CONTAINER_USER
from generator.errors import OrthgenError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from generator.deployment.model import SecretFile

FOLDER = "secrets"

# Letters and digits only, a letter first: Orthanc's image takes what parses as JSON for JSON, and Keycloak
# takes `${` for an expression. 48 of them carry 285 bits.
_LETTERS = string.ascii_letters
_CHARACTERS = string.ascii_letters + string.digits
_LENGTH = 48


class SecretsOutcome(Struct, frozen=True):
    """What happened to each secret: made now, there before, or still to be supplied."""

    made: tuple[SecretFile, ...]
    kept: tuple[SecretFile, ...]
    wanted: tuple[SecretFile, ...]
    owner_wanted: int | None
    """The user id that the new files have to be given to; None where they belong to it already."""


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
            _require_file(path)
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
    belongs = os.geteuid() in {0, CONTAINER_USER}
    return SecretsOutcome(
        tuple(made), tuple(kept), tuple(missing), None if belongs or not made else CONTAINER_USER
    )


def _require_file(path: Path) -> None:
    """What stands at a secret's place is a file, or nothing; a missing mount leaves a folder behind."""
    if os.path.lexists(path) and not path.is_file():
        what = "a link that leads nowhere" if path.is_symlink() and not path.exists() else "no file"
        raise OrthgenError(f"`{path}` is {what}", hint="move it away: the secret's value belongs there")


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
        if os.geteuid() == 0:
            os.fchown(file.fileno(), CONTAINER_USER, CONTAINER_USER)
        file.write(
            secrets.choice(_LETTERS) + "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH - 1))
        )
    return True
