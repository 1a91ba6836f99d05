"""
Clean-up of the old deployment after a change. Files of others are never lost.

A file of the old deployment is deleted only where it is accounted for: the new deployment holds the same file or the
same bytes, or orthgen wrote it and the plan replaces it. Every other file appeared during the change, and is moved to
its place in the new deployment.

The manifest accounts for the files, so it is deleted last: a clean-up that is killed can be begun again.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.errors import OrthgenError, system_reason
from orthgen.workspace.atomic_swap import move
from orthgen.workspace.build import copy_attributes, open_up
from orthgen.workspace.durable import sync_folder
from orthgen.workspace.manifest import MANIFEST, digest, read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.workspace.journal import Journal

SAVED = ".orthgen-saved"
"""Suffix of a file whose name belongs to a new file."""

# A process may write into the old deployment for a moment.
_PASSES = 5


class CleanupResult(Struct):
    """Result of a clean-up: files saved under another name, and files that could not be moved, with reasons."""

    saved: list[Path]
    stuck: dict[Path, str]

    @classmethod
    def empty(cls) -> CleanupResult:
        """A result without files."""
        return cls([], {})


def clean_up(leftover: Path, folder: Path, journal: Journal) -> CleanupResult:
    """Move unknown files from `leftover` into `folder`; delete accounted files, and `leftover` itself."""
    result = CleanupResult.empty()
    if not leftover.is_dir():
        return result
    digests = {path: {value} for path, value in journal.replaced.items()}
    for path, value in _manifest_of(leftover).items():
        digests.setdefault(path, set()).add(value)
    cleanup = _CleanUp(folder, digests, journal.linked, result, set())
    for _ in range(_PASSES):
        result.stuck.clear()
        cleanup.clean_folder(leftover, Path())
        if not result.stuck:
            break
    for changed in cleanup.changed_folders:
        sync_folder(changed)
    return result


def follow_renames(leftover: Path, folder: Path, journal: Journal) -> None:
    """
    Delete the old name of each file that was renamed after its link, before the clean-up of `leftover`.

    With both names, a program that writes to the old one (often a temporary file's) would write into the other file.
    The name is deleted only where the file has another one; a file without another name is kept.
    """
    if not leftover.is_dir():
        return
    for path, inode in journal.linked.items():
        target = folder / path
        if os.path.lexists(leftover / path) or not os.path.lexists(target):
            continue
        status = target.lstat()
        if status.st_ino == inode and status.st_nlink > 1:
            target.unlink()


def _manifest_of(leftover: Path) -> Mapping[str, str]:
    try:
        return read_manifest(leftover).files
    except OrthgenError:
        return {}  # the clean-up then keeps more files


class _CleanUp(Struct):
    folder: Path
    digests: Mapping[str, set[str]]
    linked: Mapping[str, int]
    result: CleanupResult
    changed_folders: set[Path]
    """Folders with a new entry."""

    def clean_folder(self, left: Path, inside: Path) -> None:
        """Clean up every entry of a folder, then delete the folder."""
        try:
            open_up(left)
            entries = sorted(
                left.iterdir(), key=lambda entry: (_holds_manifest(inside / entry.name), entry.name)
            )
        except OSError as error:
            self._stuck(left, error)
            return
        for entry in entries:
            if self.result.stuck and _holds_manifest(inside / entry.name):
                break
            try:
                self._clean_entry(entry, inside / entry.name)
            except OSError as error:
                self._stuck(entry, error)
        try:
            left.rmdir()
        except OSError as error:
            self.result.stuck.setdefault(left, system_reason(error))

    def _stuck(self, path: Path, error: OSError) -> None:
        if os.path.lexists(path):
            self.result.stuck[path] = system_reason(error)

    def _clean_entry(self, entry: Path, path: Path) -> None:
        target = self.folder / path
        status = entry.lstat()
        if stat.S_ISDIR(status.st_mode):
            self._clean_subfolder(entry, path, target)
            return
        target_status = target.lstat() if os.path.lexists(target) else None
        if (target_status is not None and os.path.samestat(status, target_status)) or self._is_rendered(
            entry, path, status
        ):
            entry.unlink()
        elif target_status is None:
            self._move(entry, target)
        elif self.linked.get(str(path)) == target_status.st_ino:
            entry.replace(target)  # a new file replaced the linked one
            self.changed_folders.add(target.parent)
        elif self.linked.get(str(path)) == status.st_ino or _same_bytes(entry, status, target, target_status):
            entry.unlink()
        else:
            self._save(entry, target)

    def _clean_subfolder(self, entry: Path, path: Path, target: Path) -> None:
        has_rendered = any(name.startswith(f"{path}/") for name in (*self.digests, MANIFEST))
        if not os.path.lexists(target) and not has_rendered:
            self._move(entry, target)
        elif not os.path.lexists(target) or target.is_dir():
            self.clean_folder(entry, path)
        else:
            self._save(entry, target)

    def _is_rendered(self, entry: Path, path: Path, status: os.stat_result) -> bool:
        if not stat.S_ISREG(status.st_mode):
            return False
        if str(path) == MANIFEST:
            return True
        return str(path) in self.digests and digest(entry.read_bytes()) in self.digests[str(path)]

    def _move(self, entry: Path, target: Path) -> None:
        self._make_folder(entry.parent, target.parent)
        move(entry, target)
        self.changed_folders.add(target.parent)

    def _make_folder(self, like: Path, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(like.parent, folder.parent)
            folder.mkdir()
            copy_attributes(like, folder)

    def _save(self, entry: Path, target: Path) -> None:
        """Save a file under a new name, beside the file that has its name."""
        number = 1
        while True:
            beside = target.with_name(target.name + SAVED + (f"-{number}" if number > 1 else ""))
            try:
                self._move(entry, beside)
            except FileExistsError:
                number += 1
                continue
            self.result.saved.append(beside)
            return


def _holds_manifest(path: Path) -> bool:
    """Whether `path` is the manifest, or its folder."""
    manifest = Path(MANIFEST)
    return path in {manifest, *manifest.parents}


def _same_bytes(path: Path, status: os.stat_result, other_path: Path, other_status: os.stat_result) -> bool:
    """Whether two plain files, or two links, have the same content."""
    if (
        stat.S_IFMT(status.st_mode) != stat.S_IFMT(other_status.st_mode)
        or status.st_size != other_status.st_size
    ):
        return False
    if stat.S_ISLNK(status.st_mode):
        return path.readlink() == other_path.readlink()
    return stat.S_ISREG(status.st_mode) and path.read_bytes() == other_path.read_bytes()
