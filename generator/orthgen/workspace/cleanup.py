"""
Clean-up of the old deployment after a change. Files of others are never lost.

A file of the old deployment is deleted only where it is accounted for: the new deployment holds the same file or the
same bytes, or orthgen wrote it and the plan replaces it. Every other file appeared during the change, and is moved to
its place in the new deployment.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.errors import OrthgenError
from orthgen.workspace.atomic_swap import move
from orthgen.workspace.build import copy_attributes, open_up
from orthgen.workspace.durable import sync_folder
from orthgen.workspace.manifest import MANIFEST, digest, read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.workspace.journal import Journal

SAVED = ".orthgen-saved"
"""What is appended to the name of a file whose place is taken by another."""

# A process that stands in the old deployment may go on writing there for a moment.
_PASSES = 5


class Swept(Struct):
    """Files that were put beside a new one of the same name, and what could not be moved, with the reason."""

    saved: list[Path]
    stuck: dict[Path, str]

    @classmethod
    def nothing(cls) -> Swept:
        """Nothing worth a word."""
        return cls([], {})


def sweep(left: Path, folder: Path, journal: Journal) -> Swept:
    """Move what is unknown from `left` into `folder`, remove what is accounted for, and `left` itself."""
    swept = Swept.nothing()
    if not left.is_dir():
        return swept
    known = {path: {value} for path, value in journal.replaced.items()}
    for path, value in _manifest_of(left).items():
        known.setdefault(path, set()).add(value)
    sweeper = _Sweeper(folder, known, journal.linked, swept, set())
    for _ in range(_PASSES):
        swept.stuck.clear()
        sweeper.folder_(left, Path())
        if not swept.stuck:
            break
    for changed in sweeper.received:
        sync_folder(changed)
    return swept


def follow_renames(left: Path, folder: Path, journal: Journal) -> None:
    """
    Take away the old name of what was renamed after it had been linked, before `left` is swept.

    With both names, whoever writes to the old one (a temporary file's, mostly) would write into the other file. Only
    where the file has another name still: what has none was deleted, and stays rather than being lost to a mistake.
    """
    if not left.is_dir():
        return
    for path, inode in journal.linked.items():
        target = folder / path
        if os.path.lexists(left / path) or not os.path.lexists(target):
            continue
        status = target.lstat()
        if status.st_ino == inode and status.st_nlink > 1:
            target.unlink()


def _manifest_of(left: Path) -> Mapping[str, str]:
    try:
        return read_manifest(left).files
    except OrthgenError:
        return {}  # then less is accounted for, and more is kept


class _Sweeper(Struct):
    folder: Path
    known: Mapping[str, set[str]]
    linked: Mapping[str, int]
    swept: Swept
    received: set[Path]
    """The folders into which something was moved."""

    def folder_(self, left: Path, inside: Path) -> None:
        """Settle everything in a folder, then remove it."""
        try:
            open_up(left)
            entries = sorted(left.iterdir())
        except OSError as error:
            self._stuck(left, error)
            return
        for entry in entries:
            try:
                self._settle(entry, inside / entry.name)
            except OSError as error:
                self._stuck(entry, error)
        try:
            left.rmdir()
        except OSError as error:
            self.swept.stuck.setdefault(left, (error.strerror or str(error)).lower())

    def _stuck(self, path: Path, error: OSError) -> None:
        if os.path.lexists(path):
            self.swept.stuck[path] = (error.strerror or str(error)).lower()

    def _settle(self, entry: Path, path: Path) -> None:
        target = self.folder / path
        status = entry.lstat()
        if stat.S_ISDIR(status.st_mode):
            self._settle_folder(entry, path, target)
            return
        there = target.lstat() if os.path.lexists(target) else None
        if (there is not None and os.path.samestat(status, there)) or self._is_ours(entry, path, status):
            entry.unlink()
        elif there is None:
            self._move(entry, target)
        elif self.linked.get(str(path)) == there.st_ino:
            entry.replace(target)  # somebody put a new file there after the other had been linked
            self.received.add(target.parent)
        elif self.linked.get(str(path)) == status.st_ino or _same_bytes(entry, status, target, there):
            entry.unlink()
        else:
            self._save(entry, target)

    def _settle_folder(self, entry: Path, path: Path, target: Path) -> None:
        has_ours = any(name.startswith(f"{path}/") for name in (*self.known, MANIFEST))
        if not os.path.lexists(target) and not has_ours:
            self._move(entry, target)
        elif not os.path.lexists(target) or target.is_dir():
            self.folder_(entry, path)
        else:
            self._save(entry, target)

    def _is_ours(self, entry: Path, path: Path, status: os.stat_result) -> bool:
        if not stat.S_ISREG(status.st_mode):
            return False
        if str(path) == MANIFEST:
            return True
        return str(path) in self.known and digest(entry.read_bytes()) in self.known[str(path)]

    def _move(self, entry: Path, target: Path) -> None:
        self._make_folder(entry.parent, target.parent)
        move(entry, target)
        self.received.add(target.parent)

    def _make_folder(self, like: Path, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(like.parent, folder.parent)
            folder.mkdir()
            copy_attributes(like, folder)

    def _save(self, entry: Path, target: Path) -> None:
        """Put a file beside the one that has its place."""
        number = 1
        while True:
            beside = target.with_name(target.name + SAVED + (f"-{number}" if number > 1 else ""))
            try:
                self._move(entry, beside)
            except FileExistsError:
                number += 1
                continue
            self.swept.saved.append(beside)
            return


def _same_bytes(one: Path, first: os.stat_result, other: Path, second: os.stat_result) -> bool:
    """Whether two plain files, or two links, say the same."""
    if stat.S_IFMT(first.st_mode) != stat.S_IFMT(second.st_mode) or first.st_size != second.st_size:
        return False
    if stat.S_ISLNK(first.st_mode):
        return one.readlink() == other.readlink()
    return stat.S_ISREG(first.st_mode) and one.read_bytes() == other.read_bytes()
