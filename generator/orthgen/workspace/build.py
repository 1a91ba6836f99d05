"""
Build of the new deployment beside the old one, which stays untouched.

Files of others are linked (one file, two names). Two sorts cannot be linked, and are listed for a later move: folders
without any rendered file, because a container may have them mounted and would go on with the old one; and files of
another user, which only their owner may link on Linux (fs.protected_hardlinks).
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.workspace.durable import sync
from orthgen.workspace.journal import Journal
from orthgen.workspace.manifest import digest

if TYPE_CHECKING:
    from orthgen.workspace.folder import Places
    from orthgen.workspace.plan import FilePlan


def build(plan: FilePlan, places: Places) -> Journal:
    """Build the deployment that `plan` describes at `places.build`, on the disk; what is known of the old one."""
    rendered = {artifact.path for artifact in plan.artifacts}
    ours = rendered | {change.path for change in plan.changes}
    places.build.mkdir()
    shared = {str(parent) for path in ours for parent in Path(path).parents}
    carrying = _Carrying(ours, shared, [], {})
    if places.folder.is_dir():
        _carry(places.folder, places.build, carrying)
    changed = {change.path for change in plan.changes}
    written: list[Path] = []
    for artifact in plan.artifacts:
        target = places.build / artifact.path
        target.parent.mkdir(parents=True, exist_ok=True)
        # A file that stays as it is stays the same one: a container that has it mounted goes on with it.
        if artifact.path in changed or not _link(places.folder / artifact.path, target):
            target.write_bytes(artifact.data)
            target.chmod(artifact.mode)
            written.append(target)
    # From below: inside a folder that is read-only nothing can be made any more.
    folders = [Path(path) for path, _, _ in os.walk(places.build, topdown=False)]
    for folder in folders:
        before = places.folder / folder.relative_to(places.build)
        if before.is_dir():
            copy_attributes(before, folder)
    sync(written, folders)
    replaced = {
        change.path: digest(change.existing.encode("utf-8", errors="surrogateescape"))
        for change in plan.changes
        if change.existing is not None
    }
    return Journal(tuple(carrying.moved), carrying.linked, replaced)


def discard(folder: Path) -> None:
    """Remove a deployment that was not finished: it holds our files, and second names of others."""
    if folder.exists():
        for path, _, _ in os.walk(folder):
            open_up(Path(path))
        shutil.rmtree(folder)


class _Carrying(Struct, frozen=True):
    """What is ours, the folders that hold something of ours; what has to be moved, and what was linked."""

    ours: set[str]
    shared: set[str]
    moved: list[str]
    linked: dict[str, int]


def _carry(source: Path, target: Path, carrying: _Carrying, inside: str = "") -> None:
    """Link every file of `source` that is not ours into `target`; folders left empty by that are not made."""
    for entry in sorted(source.iterdir()):
        path = f"{inside}{entry.name}"
        if path in carrying.ours:
            continue
        if entry.is_symlink() or not entry.is_dir():
            if _link(entry, target / entry.name):
                carrying.linked[path] = (target / entry.name).lstat().st_ino
            elif os.path.lexists(entry):  # a temporary file may be gone by now
                carrying.moved.append(path)
        elif path not in carrying.shared:
            carrying.moved.append(path)
        else:
            destination = target / entry.name
            destination.mkdir()
            before = len(carrying.moved)
            _carry(entry, destination, carrying, f"{path}/")
            if len(carrying.moved) == before and not any(destination.iterdir()):
                destination.rmdir()


def _link(source: Path, target: Path) -> bool:
    """False where it cannot be done: the file is somebody else's, or the file system has no hard links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def copy_attributes(source: Path, target: Path) -> None:
    """Give the folder `target` the mode, the times and, as far as we may, the owner and group of `source`."""
    wanted, is_ = source.stat(), target.stat()
    if (wanted.st_uid, wanted.st_gid) != (is_.st_uid, is_.st_gid):
        for owner in (wanted.st_uid, -1):  # only root gives away; whoever is in the group may set it
            try:
                os.chown(target, owner, wanted.st_gid)
                break
            except PermissionError:
                continue
    shutil.copystat(source, target)


def open_up(folder: Path) -> None:
    """Let its owner write into a folder again: in one that is read-only nothing can be made or removed."""
    status = folder.stat()
    if status.st_uid == os.geteuid() and status.st_mode & stat.S_IRWXU != stat.S_IRWXU:
        folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IRWXU)
