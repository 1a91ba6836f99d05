"""
Check of the files with the containers' secrets: who can read them, and what is in them.

Docker Compose mounts a secret with the owner and mode of the file on the host, whatever the compose file says.
`orthgen secrets` corrects files below `secrets/`, and changes no file elsewhere, also not by a link. No value is shown.
"""

from __future__ import annotations

import json
import stat
from base64 import b64decode
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment.naming import CONTAINER_USER
from orthgen.workspace.secret_files import give_to_containers

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from orthgen.products.services import MountedSecret


# AES-256.
_KEY_BYTES = 32


class FileProblem(Struct, frozen=True):
    """Problem of a file, with its remedy."""

    path: Path
    message: str
    remedy: str


class SecretFileChecks(Struct, frozen=True):
    """Files whose owner and mode were corrected, and remaining problems."""

    corrected: tuple[Path, ...]
    problems: tuple[FileProblem, ...]


def find_problems(files: Sequence[MountedSecret]) -> tuple[FileProblem, ...]:
    """Every problem of the files, without a correction."""
    return check_files(files, correct=False).problems


def check_files(files: Sequence[MountedSecret], *, correct: bool = True) -> SecretFileChecks:
    """Check every existing file; correct owner and mode of files below `secrets/` where the caller may."""
    corrected: list[Path] = []
    problems: list[FileProblem] = []
    for file in files:
        if not file.path.is_file():
            if not file.is_in_folder:
                problems.append(
                    FileProblem(file.path, "is not there", "put it there, or correct the profile")
                )
            continue
        access_problems = list(_access(file))
        if correct and access_problems and file.is_in_folder and give_to_containers(file.path):
            corrected.append(file.path)
            access_problems = []
        problems += [*access_problems, *_value(file)]
    return SecretFileChecks(tuple(corrected), tuple(problems))


def _access(file: MountedSecret) -> Iterator[FileProblem]:
    status = file.path.stat()
    mode = stat.S_IMODE(status.st_mode)
    path = file.path
    if path.is_symlink() and file.is_in_folder:
        yield from _link(path, status)
        return
    if not _can_read(status):
        if file.is_public:
            remedy = f"sudo chmod a+r {path}"
        elif file.is_in_folder:
            remedy = f"sudo chown {CONTAINER_USER}:{CONTAINER_USER} {path} && sudo chmod 0600 {path}"
        else:
            remedy = f"sudo setfacl -m u:{CONTAINER_USER}:r {path} (or a copy that belongs to user {CONTAINER_USER})"
        message = f"belongs to user {status.st_uid} with mode {mode:04o}: the containers' user {CONTAINER_USER} cannot read it"
        yield FileProblem(path, message, remedy)
    elif mode & stat.S_IROTH and not file.is_public and _is_open(path.parent):
        remedy = f"sudo chown {CONTAINER_USER}:{CONTAINER_USER} {path} && sudo chmod 0600 {path}"
        yield FileProblem(path, f"can be read by every account of this machine (mode {mode:04o})", remedy)


def _link(path: Path, status: os.stat_result) -> Iterator[FileProblem]:
    """The problem of a link below `secrets/`: its target keeps its owner, and remedies for it would change the target."""
    if not _can_read(status) or status.st_mode & stat.S_IROTH:
        whose = "every account can read" if _can_read(status) else "the containers cannot read"
        message = (
            f"is a link to `{path.resolve()}`, which {whose}; orthgen changes no owner outside of `secrets/`"
        )
        yield FileProblem(path, message, "replace the link by a file with the value")


def _can_read(status: os.stat_result) -> bool:
    """Whether the containers' user can read a file of this owner and mode. An ACL shows as the group's right."""
    if status.st_uid == CONTAINER_USER:
        return bool(status.st_mode & stat.S_IRUSR)
    if status.st_gid == CONTAINER_USER:
        return bool(status.st_mode & stat.S_IRGRP)
    return bool(status.st_mode & stat.S_IROTH)


def _is_open(folder: Path) -> bool:
    """Whether every account can enter a folder."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.resolve().parents))


def _value(file: MountedSecret) -> Iterator[FileProblem]:
    if not file.is_value:
        return
    try:
        text = file.path.read_text(encoding="utf-8")
    except PermissionError:
        return  # only its owner can check the value
    except UnicodeDecodeError:
        yield FileProblem(file.path, "is not text", "write the value alone, as UTF-8")
        return
    value = text.rstrip("\r\n")
    if value != text:
        # Some programs read the line break as a part of the value.
        yield FileProblem(file.path, "ends with a line break", "write it without: `printf %s`")
    message, remedy = misread(value, is_typed=file.is_typed, is_key=file.is_key)
    if message:
        yield FileProblem(file.path, message, remedy)


def misread(value: str, *, is_typed: bool, is_key: bool) -> tuple[str, str]:
    """The reason why the reader of a secret takes its value for something else, and the remedy; empty where it does not."""
    if "\n" in value or "\r" in value:
        return "has several lines", "write the value alone, in one line"
    if not value.isprintable():
        return "has a control character or an invisible one", "write the value alone, as it is printed"
    if is_key and not _is_key(value):
        # The plugin fills a shorter key with whatever is in memory, so nobody could read the files again (2.5.4).
        return "is no key of 32 bytes in base64", "make one with `openssl rand -base64 32`"
    if is_typed and _is_json(value):
        return (
            "is read as a number or another JSON value, and not as text (Orthanc's image)",
            "take a value with a letter in front",
        )
    return "", ""


def _is_key(value: str) -> bool:
    try:
        return len(b64decode(value, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True
