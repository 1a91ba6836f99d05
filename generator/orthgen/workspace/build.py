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
from orthgen.workspace.manifest import MANIFEST, digest

if TYPE_CHECKING:
    from orthgen.workspace.folder import DeploymentPaths
    from orthgen.workspace.plan import FilePlan


PRIVATE_FOLDERS = {"secrets", Path(MANIFEST).parts[0]}
"""Folders of a deployment that no container passes: each secret is mounted alone."""


def build(plan: FilePlan, places: DeploymentPaths) -> Journal:
    """Build the plan's deployment at `places.build`, on the disk; the journal of the old deployment's files."""
    artifact_paths = {artifact.path for artifact in plan.artifacts}
    rendered = artifact_paths | {change.path for change in plan.changes}
    places.build.mkdir()
    shared = {str(parent) for path in rendered for parent in Path(path).parents}
    linking = _Linked(rendered, shared, [], {})
    if places.folder.is_dir():
        _link_others(places.folder, places.build, linking)
    changed = {change.path for change in plan.changes}
    written: list[Path] = []
    for artifact in plan.artifacts:
        target = places.build / artifact.path
        target.parent.mkdir(parents=True, exist_ok=True)
        # An unchanged file keeps its inode, because a container may have it mounted.
        if artifact.path in changed or not _link(places.folder / artifact.path, target):
            target.write_bytes(artifact.data)
            target.chmod(artifact.mode)
            written.append(target)
    # From the deepest folder up, because a read-only folder allows no new entries.
    folders = [Path(path) for path, _, _ in os.walk(places.build, topdown=False)]
    for folder in folders:
        inside = folder.relative_to(places.build)
        if (places.folder / inside).is_dir():
            copy_attributes(places.folder / inside, folder)
        elif inside.parts and inside.parts[0] not in PRIVATE_FOLDERS:
            # Containers have folders mounted, and run as other users: the mask of this account is not theirs.
            folder.chmod(0o755)
    sync(written, folders)
    replaced = {
        change.path: digest(change.existing.encode("utf-8", errors="surrogateescape"))
        for change in plan.changes
        if change.existing is not None
    }
    return Journal(tuple(linking.moved), linking.linked, replaced)


def discard(folder: Path) -> None:
    """Delete an unfinished deployment: it holds rendered files, and links to files of others."""
    if folder.exists():
        for path, _, _ in os.walk(folder):
            open_up(Path(path))
        shutil.rmtree(folder)


class _Linked(Struct, frozen=True):
    """Rendered paths and their folders; paths to move, and linked paths with inodes."""

    rendered: set[str]
    shared: set[str]
    moved: list[str]
    linked: dict[str, int]


def _link_others(source: Path, target: Path, linking: _Linked, inside: str = "") -> None:
    """Link every file of others from `source` into `target`; folders that would be empty are left out."""
    for entry in sorted(source.iterdir()):
        path = f"{inside}{entry.name}"
        if path in linking.rendered:
            continue
        if entry.is_symlink() or not entry.is_dir():
            if _link(entry, target / entry.name):
                linking.linked[path] = (target / entry.name).lstat().st_ino
            elif os.path.lexists(entry):  # a temporary file may have been deleted
                linking.moved.append(path)
        elif path not in linking.shared:
            linking.moved.append(path)
        else:
            destination = target / entry.name
            destination.mkdir()
            before = len(linking.moved)
            _link_others(entry, destination, linking, f"{path}/")
            if len(linking.moved) == before and not any(destination.iterdir()):
                destination.rmdir()


def _link(source: Path, target: Path) -> bool:
    """Link a file; False where it belongs to another user, or the file system has no hard links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def copy_attributes(source: Path, target: Path) -> None:
    """Give the folder `target` the mode, the times and, where permitted, the owner and group of `source`."""
    source_status, target_status = source.stat(), target.stat()
    if (source_status.st_uid, source_status.st_gid) != (target_status.st_uid, target_status.st_gid):
        for owner in (source_status.st_uid, -1):  # only root may change the owner; a member may set the group
            try:
                os.chown(target, owner, source_status.st_gid)
                break
            except PermissionError:
                continue
    shutil.copystat(source, target)


def open_up(folder: Path) -> None:
    """Make a folder writable for its owner, because a read-only folder allows no change of entries."""
    status = folder.stat()
    if status.st_uid == os.geteuid() and status.st_mode & stat.S_IRWXU != stat.S_IRWXU:
        folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IRWXU)
