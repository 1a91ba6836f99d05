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


class Places(Struct, frozen=True):
    """The folder, and its neighbours while it changes."""

    folder: Path
    build: Path
    """The new deployment while it is built. Holds nothing that is not elsewhere too, so it can always be removed."""
    staged: Path
    """The new deployment, complete; after the exchange, the old one."""
    aside: Path
    """Where the old one steps aside to, without an exchange."""
    journal: Path

    @classmethod
    def of(cls, folder: Path) -> Places:
        """The places around `folder`; raises OrthgenError where no deployment can be."""
        place = place_of(folder)
        parts = ("build", "new", "old", "journal")
        return cls(place, *(place.with_name(f".{place.name}.orthgen-{part}") for part in parts))

    @property
    def leftovers(self) -> tuple[Path, ...]:
        """Where files of the old deployment may be, the likelier place first."""
        return (self.staged, self.aside)


def place_of(folder: Path) -> Path:
    """The folder itself, whatever links lead to it. Raises OrthgenError where none can be."""
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


def _short(folder: Path) -> str:
    text = str(folder)
    return text if len(text) <= 80 else f"{text[:60]}…"


@contextmanager
def locked(places: Places) -> Iterator[None]:
    """One writer at a time below the folder's parent; the lock goes with the process, whatever ends it."""
    descriptor = os.open(places.folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
