"""
Check of the files with the containers' secrets: who can read them, and what is in them.

Docker Compose mounts a secret with the owner and mode of the file on the host, whatever the compose file says. As root,
`orthgen secrets` gives files below `secrets/` to the containers' user; it changes no file elsewhere. No value is shown.
"""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment.naming import CONTAINER_USER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from orthgen.products.services import MountedSecret


class Problem(Struct, frozen=True):
    """What is wrong with a file, and what to do."""

    path: Path
    message: str
    remedy: str


class Checked(Struct, frozen=True):
    """Files that were given to the containers' user, and what is left to do."""

    mended: tuple[Path, ...]
    problems: tuple[Problem, ...]


def check_files(files: Sequence[MountedSecret]) -> Checked:
    """Look at every file that is there; as root, mend owner and mode of ours."""
    mended: list[Path] = []
    problems: list[Problem] = []
    for file in files:
        if not file.path.is_file():
            if not file.is_in_folder:
                problems.append(Problem(file.path, "is not there", "put it there, or correct the profile"))
            continue
        found = list(_access(file))
        if found and file.is_in_folder and os.geteuid() == 0:
            os.chown(file.path, CONTAINER_USER, CONTAINER_USER)
            file.path.chmod(0o600)
            mended.append(file.path)
            found = []
        problems += [*found, *_value(file)]
    return Checked(tuple(mended), tuple(problems))


def _access(file: MountedSecret) -> Iterator[Problem]:
    status = file.path.stat()
    mode = stat.S_IMODE(status.st_mode)
    path = file.path
    if not _can_read(status):
        if file.is_public:
            remedy = f"sudo chmod a+r {path}"
        elif file.is_in_folder:
            remedy = f"sudo chown {CONTAINER_USER}:{CONTAINER_USER} {path} && sudo chmod 0600 {path}"
        else:
            remedy = f"sudo setfacl -m u:{CONTAINER_USER}:r {path} (or a copy that belongs to user {CONTAINER_USER})"
        message = f"belongs to user {status.st_uid} with mode {mode:04o}: the containers' user {CONTAINER_USER} cannot read it"
        yield Problem(path, message, remedy)
    elif mode & stat.S_IROTH and not file.is_public and _is_open(path.parent):
        remedy = f"sudo chown {CONTAINER_USER}:{CONTAINER_USER} {path} && sudo chmod 0600 {path}"
        yield Problem(path, f"can be read by every account of this machine (mode {mode:04o})", remedy)


def _can_read(status: os.stat_result) -> bool:
    """Whether the containers' user can read a file of this owner and mode. An ACL shows as the group's right."""
    if status.st_uid == CONTAINER_USER:
        return bool(status.st_mode & stat.S_IRUSR)
    if status.st_gid == CONTAINER_USER:
        return bool(status.st_mode & stat.S_IRGRP)
    return bool(status.st_mode & stat.S_IROTH)


def _is_open(folder: Path) -> bool:
    """Whether everybody gets into a folder."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.resolve().parents))


def _value(file: MountedSecret) -> Iterator[Problem]:
    if not file.is_value:
        return
    try:
        text = file.path.read_text(encoding="utf-8")
    except PermissionError:
        return  # its owner can look
    except UnicodeDecodeError:
        yield Problem(file.path, "is no text", "write the value alone, as UTF-8")
        return
    value = text.rstrip("\r\n")
    if value != text:
        # Some readers take the line break for a part of the value.
        yield Problem(file.path, "ends with a line break", "write it without: `printf %s`")
    if file.is_typed and _is_json(value):
        yield Problem(
            file.path,
            "is read as a number or another JSON value, and not as text (Orthanc's image)",
            "take a value with a letter in front",
        )


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True
