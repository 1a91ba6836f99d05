"""
Carries a file plan out: the whole tree at once.

The new deployment is built beside the old one, with hard links to whatever in the folder is not ours, and
then takes its place in one system call (RENAME_EXCHANGE). Killed at any moment, the folder holds the old
deployment or the new one. Where the system cannot exchange two folders, the old one steps aside first; then
the folder is missing, not half, for the time between two renames, and the next run puts it back.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import OrthgenError
from generator.output.exchange import exchange
from generator.output.plan import plan as make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.output.plan import FilePlan


def recover(folder: Path) -> None:
    """Put right what a killed run left behind: a deployment that stepped aside comes back, leftovers go."""
    staged, aside = _siblings(folder.absolute())
    if not (staged.exists() or aside.exists()):
        return
    try:
        with _locked(folder.absolute().parent):
            if aside.exists() and not folder.exists():
                aside.rename(folder)
            _remove(staged)
            _remove(aside)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def apply(plan: FilePlan) -> None:
    """Make the folder hold exactly what `plan` says; raises OrthgenError if it changed since the plan was made."""
    if not plan.changes:
        return
    folder = plan.folder.absolute()
    staged, aside = _siblings(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.parent):
            if make_plan(plan.artifacts[:-1], plan.folder) != plan:
                raise OrthgenError(
                    f"`{plan.folder}` changed while it was being rendered", hint="run the command again"
                )
            _remove(staged)
            _build(plan, folder, staged)
            _take_place(staged, folder, aside)
            _remove(staged)
            _remove(aside)
    except OSError as error:
        raise _cannot_write(plan.folder, error) from error


def _siblings(folder: Path) -> tuple[Path, Path]:
    """Where the new deployment is built, and where the old one steps aside to."""
    return folder.with_name(f".{folder.name}.orthgen-new"), folder.with_name(f".{folder.name}.orthgen-old")


def _cannot_write(folder: Path, error: OSError) -> OrthgenError:
    reason = (error.strerror or str(error)).lower()
    return OrthgenError(f"cannot write `{folder}`: {reason}", hint="the deployment there was not changed")


def _build(plan: FilePlan, folder: Path, staged: Path) -> None:
    rendered = {artifact.path: artifact for artifact in plan.artifacts}
    gone = {change.path for change in plan.changes if change.desired is None}
    staged.mkdir()
    if folder.is_dir():
        _carry(folder, staged, skip={*rendered, *gone})
    for artifact in rendered.values():
        target = staged / artifact.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(artifact.text.encode("utf-8", errors="surrogateescape"))
        target.chmod(artifact.mode)


def _carry(source: Path, target: Path, *, skip: set[str], inside: str = "") -> None:
    """Link everything of `source` into `target` that is not in `skip`; folders left empty by that are not made."""
    _copy_attributes(source, target)
    for entry in sorted(source.iterdir()):
        path = f"{inside}{entry.name}"
        if path in skip:
            continue
        destination = target / entry.name
        if entry.is_dir() and not entry.is_symlink():
            was_empty = not list(entry.iterdir())
            destination.mkdir()
            _carry(entry, destination, skip=skip, inside=f"{path}/")
            if not was_empty and not list(destination.iterdir()):
                destination.rmdir()
        else:
            _link(entry, destination)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # a file system without hard links
        import shutil

        shutil.copy2(source, target, follow_symlinks=False)


def _copy_attributes(source: Path, target: Path) -> None:
    import shutil

    shutil.copystat(source, target)
    if os.geteuid() == 0:
        status = source.stat()
        os.chown(target, status.st_uid, status.st_gid)


def _take_place(staged: Path, folder: Path, aside: Path) -> None:
    if not folder.exists():
        staged.rename(folder)
    elif not exchange(staged, folder):
        folder.rename(aside)
        staged.rename(folder)


def _remove(path: Path) -> None:
    if path.exists():
        import shutil  # brings every compression of the standard library along

        shutil.rmtree(path)


@contextmanager
def _locked(parent: Path) -> Iterator[None]:
    """One writer at a time below `parent`; the lock goes with the process, whatever ends it."""
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
