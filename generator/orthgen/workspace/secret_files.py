"""
Secret files of a deployment: random ones that are missing are made, the others are listed.

A file that exists is never changed, read or printed. New values have at least 256 bits from the operating system.
Compose mounts the files as they are, so owner and mode let the containers' user read them, and no other account.
"""

from __future__ import annotations

import math
import os
import secrets
import string
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment.naming import CONTAINER_USER
from orthgen.errors import OrthgenError, system_reason
from orthgen.workspace.durable import sync_folder
from orthgen.workspace.folder import DeploymentPaths, locked
from orthgen.workspace.recovery import recover_locked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from orthgen.deployment.model import SecretFile

FOLDER = "secrets"

# Letters and digits only, a letter first: Orthanc's image reads a JSON value as JSON, and Keycloak reads `${` as an
# expression. 48 characters carry 285 bits.
_LETTERS = string.ascii_letters
_CHARACTERS = string.ascii_letters + string.digits
_LENGTH = 48

# A typed password: groups of five from letters and digits without look-alikes.
# Four groups carry 110 bits, and the password serves once.
_TYPED = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679"
_GROUP = 5
_GROUPS = 4


class SecretsOutcome(Struct, frozen=True):
    """Secrets by state: made now, existing before, or missing until a person supplies them."""

    made: tuple[SecretFile, ...]
    kept: tuple[SecretFile, ...]
    missing: tuple[SecretFile, ...]


def make_secrets(declared: Sequence[SecretFile], folder: Path, *, check: bool = False) -> SecretsOutcome:
    """
    Make the missing random secrets below `folder`/secrets; raises OrthgenError where that is not possible.

    With `check` nothing is written, and the outcome is that of a run without.
    """
    made: list[SecretFile] = []
    kept: list[SecretFile] = []
    missing: list[SecretFile] = []
    with locked_secrets(folder) as place:
        for secret in declared:
            path = place / secret.name
            _require_file(path)
            if path.is_file() and path.stat().st_size > 0:
                kept.append(secret)
            elif secret.origin == "given":
                missing.append(secret)
            else:
                if not check:
                    write_secret(path, new_value(secret))
                made.append(secret)
    return SecretsOutcome(tuple(made), tuple(kept), tuple(missing))


def save_secret(folder: Path, name: str, value: str) -> Path:
    """Save a secret that Keycloak made below `folder`/secrets; never over an existing file."""
    with locked_secrets(folder) as place:
        path = place / name
        if os.path.lexists(path):
            raise OrthgenError(
                f"`{path}` exists and is not overwritten",
                hint="move it away; `--save-secrets` then writes the one in Keycloak",
            )
        write_secret(path, value)
    return path


@contextmanager
def locked_secrets(folder: Path) -> Iterator[Path]:
    """The folder of the secrets, under the deployment's lock, because `render` exchanges the folder."""
    places = DeploymentPaths.of(folder)
    place = folder / FOLDER
    try:
        if not places.folder.is_dir():
            raise OrthgenError(
                f"`{folder}` is not there", hint="render the deployment first, or name its folder"
            )
        with locked(places):
            recover_locked(places)
            place.mkdir(exist_ok=True)
            yield place
            sync_folder(place)
    except OSError as error:
        raise OrthgenError(f"cannot write `{place}`: {system_reason(error)}") from error


def read_secret(folder: Path, name: str) -> str:
    """The value of a secret below `folder`/secrets; raises OrthgenError where the file cannot be read."""
    path = folder / FOLDER / name
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        raise OrthgenError(
            f"`{path}` is not there", hint="`orthgen secrets` makes it; `--out` names the deployment's folder"
        ) from None
    except OSError as error:
        raise OrthgenError(
            f"cannot read `{path}`: {system_reason(error)}",
            hint="run this as root: `sudo orthgen …`",
        ) from error


def _require_file(path: Path) -> None:
    """Raise OrthgenError where a secret's path is not a file: Docker makes a folder for a missing mount."""
    if os.path.lexists(path) and not path.is_file():
        kind = "a broken link" if path.is_symlink() and not path.exists() else "no file"
        raise OrthgenError(f"`{path}` is {kind}", hint="move it away: the secret's value belongs there")


def write_secret(path: Path, value: str, *, for_containers: bool = True) -> None:
    """Write a new secret; no other account than the containers' user, root and the caller's can read it."""
    write_secrets(path.parent, {path.name: value}, for_containers=for_containers)


def write_secrets(place: Path, values: Mapping[str, str], *, for_containers: bool = True) -> None:
    """Write secrets by their names. No file changes unless every new one is on the disk."""
    staged: dict[Path, Path] = {}
    try:
        for name, value in values.items():
            path = place / name
            _require_file(path)
            # A temporary file first, so that an interrupted run leaves the old file as it was.
            new = path.with_name(f".{path.name}.new")
            staged[new] = path
            _write_new(new, value, for_containers=for_containers)
    except BaseException:
        for new in staged:
            new.unlink(missing_ok=True)
        raise
    for new, path in staged.items():
        new.replace(path)


def _write_new(path: Path, value: str, *, for_containers: bool) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(value)
        if for_containers:
            give_to_containers(path)
        file.flush()
        os.fsync(file.fileno())


def new_value(secret: SecretFile) -> str:
    """A random value for a secret, in the form of those that people type where a person types it."""
    return _typed_value(secret.typed_length) if secret.typed_length else _random_value()


def give_to_containers(path: Path) -> bool:
    """
    Let the containers read a file below `secrets/`, and no other account. False where that takes root, or for a link.

    A link leads to a file that may be another program's: with its owner changed, that program could not read it any more.
    Only root can change an owner. As any other user, orthgen closes the folder to other accounts, and the file's mode lets
    everybody read: Docker mounts the file alone, so the containers do not pass the folder.
    """
    if path.is_symlink():
        return False
    try:
        if os.geteuid() == 0:
            # The link that somebody puts in the file's place meanwhile is not followed.
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW)) as file:
                os.fchown(file.fileno(), CONTAINER_USER, CONTAINER_USER)
                os.fchmod(file.fileno(), 0o600)
            return True
        path.parent.chmod(0o700)
        path.chmod(0o644)
    except OSError:  # the folder or the file belongs to another account, or a file server refuses root
        return False
    return True


def _random_value() -> str:
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH - 1))


def _typed_value(length: int) -> str:
    """A password of at least `length` characters, in groups with dashes between."""
    groups = max(_GROUPS, math.ceil((length + 1) / (_GROUP + 1)))
    return "-".join("".join(secrets.choice(_TYPED) for _ in range(_GROUP)) for _ in range(groups))
