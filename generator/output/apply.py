"""
Carries a file plan out: the whole tree at once.

The new deployment is built beside the old one, with hard links to those files in its folders that are not ours,
and then takes its place in one system call (RENAME_EXCHANGE). Killed at any moment, the folder holds the old
deployment or the new one. Where the system cannot exchange two folders, the old one steps aside first; then
the folder is missing, not half, for the time between two renames, and the next run puts it back.

Two things follow after the exchange: folders with nothing of ours in them, since a container may have them
mounted and would go on with the old one; and files that nobody but their owner may link (a secret that was given
to the containers' user). What is to follow is noted first, so that the next run completes what was cut short.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.errors import OrthgenError
from generator.output.exchange import exchange
from generator.output.plan import place_of
from generator.output.plan import plan as make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.output.plan import FilePlan


class _Places(Struct, frozen=True):
    """The folder, and its neighbours while it changes."""

    folder: Path
    staged: Path
    """Where the new deployment is built; after the exchange, the old one."""
    aside: Path
    """Where the old one steps aside to, without an exchange."""
    note: Path
    """What follows after the exchange."""


def _places(folder: Path) -> _Places:
    place = place_of(folder)
    new, old, note = (place.with_name(f".{place.name}.orthgen-{part}") for part in ("new", "old", "note"))
    return _Places(place, new, old, note)


def recover(folder: Path) -> None:
    """Put right what a killed run left behind: a deployment that stepped aside comes back, leftovers go."""
    places = _places(folder)
    if not (places.staged.exists() or places.aside.exists() or places.note.exists()):
        return
    try:
        with _locked(places.folder.parent):
            if places.aside.exists() and not places.folder.exists():
                places.aside.rename(places.folder)
            _follow(places, _noted(places.note))
            _tidy(places)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def apply(plan: FilePlan) -> None:
    """Make the folder hold exactly what `plan` says; raises OrthgenError if it changed since the plan was made."""
    if not plan.changes:
        return
    places = _places(plan.folder)
    try:
        places.folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(places.folder.parent):
            if make_plan(plan.artifacts[:-1], plan.folder) != plan:
                raise OrthgenError(
                    f"`{plan.folder}` changed while it was being rendered", hint="run the command again"
                )
            _remove(places.staged)
            try:
                later = _build(plan, places)
                _take_place(places)
            except (OSError, OrthgenError):
                _tidy(places)
                raise
            try:
                _follow(places, later)
                _tidy(places)
            except OSError as error:
                raise _cannot_tidy(plan.folder, places, error) from error
    except OSError as error:
        raise _cannot_write(plan.folder, error) from error


def _cannot_write(folder: Path, error: OSError) -> OrthgenError:
    reason = (error.strerror or str(error)).lower()
    hint = "the deployment there was not changed"
    if place_of(folder).is_mount():
        hint += "; a folder that something is mounted on cannot be exchanged: render into one below it"
    return OrthgenError(f"cannot write `{folder}`: {reason}", hint=hint)


def _cannot_tidy(folder: Path, places: _Places, error: OSError) -> OrthgenError:
    reason = (error.strerror or str(error)).lower()
    left = next((place for place in (places.aside, places.staged) if place.exists()), places.staged)
    return OrthgenError(
        f"`{folder}` is rendered, but what was there before cannot be cleared away: {reason}",
        hint=f"see what is left in `{left}`, as its owner, and run the command again",
    )


# ------------------------------------------------------------------------------------------ the new deployment


def _build(plan: FilePlan, places: _Places) -> tuple[str, ...]:
    """Build the new deployment; what is to follow after the exchange, as paths within the folder."""
    rendered = {artifact.path: artifact for artifact in plan.artifacts}
    gone = {change.path for change in plan.changes if change.desired is None}
    places.staged.mkdir()
    later: list[str] = []
    if places.folder.is_dir():
        ours = {*rendered, *gone}
        shared = {str(parent) for path in ours for parent in Path(path).parents}
        _carry(places.folder, places.staged, _Carrying(ours, shared, later))
    for artifact in rendered.values():
        target = places.staged / artifact.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(artifact.text.encode("utf-8", errors="surrogateescape"))
        target.chmod(artifact.mode)
    if later:
        places.note.write_text(json.dumps(later), encoding="utf-8")
    return tuple(later)


class _Carrying(Struct, frozen=True):
    """What is ours, the folders that hold something of ours, and what cannot be linked."""

    ours: set[str]
    shared: set[str]
    later: list[str]


def _carry(source: Path, target: Path, carrying: _Carrying, inside: str = "") -> None:
    """Link every file of `source` that is not ours into `target`; folders left empty by that are not made."""
    _copy_attributes(source, target)
    for entry in sorted(source.iterdir()):
        path = f"{inside}{entry.name}"
        if path in carrying.ours:
            continue
        if entry.is_symlink() or not entry.is_dir():
            if not _link(entry, target / entry.name):
                carrying.later.append(path)
        elif path not in carrying.shared:
            _require_movable(entry)
            carrying.later.append(path)
        else:
            destination = target / entry.name
            destination.mkdir()
            before = len(carrying.later)
            _carry(entry, destination, carrying, f"{path}/")
            if len(carrying.later) == before and not any(destination.iterdir()):
                destination.rmdir()


def _link(source: Path, target: Path) -> bool:
    """False where it cannot be done: the file is somebody else's, or the file system has no hard links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def _require_movable(folder: Path) -> None:
    if folder.is_mount():
        raise OrthgenError(
            f"something is mounted on `{folder}`",
            hint="the deployment's folder is exchanged as a whole: mount it outside, or unmount it meanwhile",
        )
    if not os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise OrthgenError(
            f"`{folder}` belongs to somebody else",
            hint="the deployment's folder is exchanged as a whole: move it out of there, or render as root",
        )


def _copy_attributes(source: Path, target: Path) -> None:
    import shutil

    shutil.copystat(source, target)
    if os.geteuid() == 0:
        status = source.stat()
        os.chown(target, status.st_uid, status.st_gid)


# ----------------------------------------------------------------------------------------------- the exchange


def _take_place(places: _Places) -> None:
    if not places.folder.exists():
        places.staged.rename(places.folder)
    elif not exchange(places.staged, places.folder):
        places.folder.rename(places.aside)
        try:
            places.staged.rename(places.folder)
        except OSError:
            places.aside.rename(places.folder)
            raise


def _follow(places: _Places, later: tuple[str, ...]) -> None:
    """Move from the old deployment into the new one what could not be there before."""
    for path in later:
        target = places.folder / path
        for old in (places.aside, places.staged):
            if os.path.lexists(old / path) and not os.path.lexists(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                (old / path).rename(target)


def _noted(note: Path) -> tuple[str, ...]:
    try:
        paths = json.loads(note.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return ()  # cut short while it was written: nothing had been exchanged
    inside = (str(path) for path in paths if not Path(str(path)).is_absolute())
    return tuple(path for path in inside if ".." not in Path(path).parts)


def _tidy(places: _Places) -> None:
    """Remove what is left beside the folder. The note goes last: without it, nobody knows what has to follow."""
    _remove(places.staged)
    _remove(places.aside)
    places.note.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.exists():
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
