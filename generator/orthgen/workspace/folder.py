"""
Folder of a deployment, its temporary neighbours during a change, and its lock.

Every writer into a deployment's folder holds the lock: `render`, `secrets`, `provision-keycloak --save-secrets`.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.errors import OrthgenError

if TYPE_CHECKING:
    from collections.abc import Iterator


UNCHANGED = "The deployment changes as a whole, and nothing was changed"


class DeploymentPaths(Struct, frozen=True):
    """Paths of the folder and of its temporary neighbours."""

    folder: Path
    build: Path
    """The new deployment during the build. All its files exist elsewhere too, so it can be deleted."""
    staged: Path
    """The complete new deployment; after the exchange, the old one."""
    aside: Path
    """The old deployment's temporary name, without an exchange."""
    journal: Path

    @classmethod
    def of(cls, folder: Path) -> DeploymentPaths:
        """The paths around `folder`; raises OrthgenError where it cannot hold a deployment."""
        place = resolved_folder(folder)
        parts = ("build", "new", "old", "journal")
        return cls(place, *(place.with_name(f".{place.name}.orthgen-{part}") for part in parts))

    @property
    def leftovers(self) -> tuple[Path, ...]:
        """Folders that may hold files of the old deployment."""
        return (self.staged, self.aside)


def resolved_folder(folder: Path) -> Path:
    """The folder without links. Raises OrthgenError where it cannot hold a deployment."""
    try:
        place = folder.resolve()
        if not place.name:
            raise OrthgenError(
                f"`{folder}` cannot hold a deployment", hint="name a folder, such as `deployment`"
            )
        for path in (place, *place.parents):
            if path.exists():
                if not path.is_dir():
                    raise OrthgenError(
                        f"`{folder if path == place else path}` is a file", hint="name a folder"
                    )
                break
    except FileNotFoundError as error:
        raise OrthgenError(
            "the folder that you are in is gone", hint='go there again: `cd "$PWD"`'
        ) from error
    except PermissionError as error:
        raise OrthgenError(f"cannot look into `{folder}`: permission denied") from error
    except (OSError, RuntimeError) as error:
        reason = "leads nowhere" if folder.is_symlink() else "cannot be the name of a folder"
        raise OrthgenError(f"`{_short(folder)}` {reason}", hint="name a folder") from error
    return place


def other_owner_error(refusal: str, path: Path) -> OrthgenError:
    """The error of a `refusal` because `path` belongs to another account, with the command that mends it."""
    scope = " (the folder alone, not the files in it)" if path.is_dir() and not path.is_symlink() else ""
    return OrthgenError(
        f"{refusal}: `{path}` belongs to somebody else",
        hint=f"{UNCHANGED}: `sudo chown $(id -u) {path}`{scope}, or render as root",
    )


def _short(folder: Path) -> str:
    text = str(folder)
    return text if len(text) <= 80 else f"{text[:60]}…"


@contextmanager
def locked(places: DeploymentPaths) -> Iterator[None]:
    """Lock against other writers below the folder's parent; the lock ends with the process."""
    descriptor = os.open(places.folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
