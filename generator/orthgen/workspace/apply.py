"""
Apply a file plan: the folder changes as a whole.

1. The new deployment is built beside the old one (`build`), and is on the disk before any other step.
2. A journal records the files of the old deployment. Files that could not be linked into both are moved into the new
   one. A failure up to here is undone, and the old deployment is as it was.
3. One system call exchanges the two folders (RENAME_EXCHANGE): the commit. After a kill at any moment, the folder
   holds the old deployment or the new one. Where the system cannot exchange two folders, the old one is renamed first;
   then the folder is missing between two renames, and the next run restores it.
4. The rest of the old deployment is deleted (`sweep`). Files that are not accounted for are kept.

The next run completes or undoes an interrupted run (`recover`).
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError
from orthgen.workspace.atomic_swap import exchange, move
from orthgen.workspace.build import build, discard
from orthgen.workspace.cleanup import Swept, follow_renames, sweep
from orthgen.workspace.durable import sync_folder
from orthgen.workspace.folder import Places, locked
from orthgen.workspace.journal import read_journal, write_journal
from orthgen.workspace.plan import plan as make_plan

if TYPE_CHECKING:
    from orthgen.workspace.journal import Journal
    from orthgen.workspace.plan import FilePlan


def recover(folder: Path) -> Swept:
    """Put right what a killed run left behind: a deployment that stepped aside comes back, leftovers go."""
    places = Places.of(folder)
    neighbours = (places.build, *places.leftovers, places.journal)
    if not any(os.path.lexists(place) for place in neighbours):
        return Swept.nothing()
    try:
        with locked(places):
            return recover_locked(places)
    except OSError as error:
        raise _cannot_write(places, error) from error


def recover_locked(places: Places) -> Swept:
    """`recover` for somebody who holds the lock; raises OrthgenError where something is left that cannot be moved."""
    if places.aside.exists() and not places.folder.exists():
        places.aside.rename(places.folder)
    discard(places.build)
    return _clear_away(places, read_journal(places.journal))


def apply(plan: FilePlan) -> Swept:
    """Make the folder hold exactly what `plan` says; raises OrthgenError if it changed since the plan was made."""
    if not plan.changes:
        return Swept.nothing()
    places = Places.of(plan.folder)
    try:
        places.folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(places):
            before = recover_locked(places)
            if make_plan(plan.artifacts[:-1], plan.folder, plan.provenance) != plan:
                raise OrthgenError(
                    f"`{plan.folder}` changed while it was being rendered", hint="run the command again"
                )
            journal = _prepare(plan, places)
            after = _commit(places, journal)
            return Swept([*before.saved, *after.saved], {})
    except OSError as error:
        raise _cannot_write(places, error) from error


def _prepare(plan: FilePlan, places: Places) -> Journal:
    """Everything that can fail: afterwards `places.staged` holds the new deployment, whole and on the disk."""
    try:
        journal = build(plan, places)
        write_journal(journal, places.journal)
        move(places.build, places.staged)
        sync_folder(places.folder.parent)
    except OSError:
        discard(places.build)
        places.journal.unlink(missing_ok=True)
        raise
    moved: list[str] = []
    try:
        for path in journal.moved:
            with suppress(FileNotFoundError):  # gone meanwhile
                move(places.folder / path, places.staged / path)
                moved.append(path)
        for folder in {(place / path).parent for path in moved for place in (places.folder, places.staged)}:
            sync_folder(folder)
    except OSError as error:
        _undo(places, journal, moved)
        raise _cannot_move(places, error) from error
    return journal


def _commit(places: Places, journal: Journal) -> Swept:
    try:
        _take_place(places)
    except OSError:
        _undo(places, journal, journal.moved)
        raise
    # Whatever happens from here on, the new deployment is there, and so is every file that is not ours.
    try:
        sync_folder(places.folder.parent)
        for left in places.leftovers:
            follow_renames(left, places.folder, journal)
        return _clear_away(places, journal)
    except OSError as error:
        raise OrthgenError(
            f"`{places.folder}` is whole, but what was there before is not cleared away: {_reason(error)}",
            hint="run the command again: it completes what is left, and nothing is lost",
        ) from error


def _take_place(places: Places) -> None:
    if not places.folder.exists():
        places.staged.rename(places.folder)
    elif not exchange(places.staged, places.folder):
        places.folder.rename(places.aside)
        try:
            places.staged.rename(places.folder)
        except OSError:
            places.aside.rename(places.folder)
            raise


def _undo(places: Places, journal: Journal, moved: list[str] | tuple[str, ...]) -> None:
    """Bring back what was moved; the rest of the new deployment goes."""
    for path in reversed(moved):
        move(places.staged / path, places.folder / path)
    _clear_away(places, journal)


def _clear_away(places: Places, journal: Journal) -> Swept:
    """Sweep what is beside the folder. The journal goes last: without it, less is accounted for."""
    swept = Swept.nothing()
    for left in places.leftovers:
        found = sweep(left, places.folder, journal)
        swept.saved.extend(found.saved)
        swept.stuck.update(found.stuck)
    if swept.stuck:
        raise _cannot_clear_away(places, swept)
    places.journal.unlink(missing_ok=True)
    return swept


# ------------------------------------------------------------------------------------------------- the errors


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _cannot_write(places: Places, error: OSError) -> OrthgenError:
    hint = "the deployment there was not changed"
    if places.folder.is_mount():
        hint += "; a folder that something is mounted on cannot be exchanged: render into one below it"
    where = f" (`{error.filename}`)" if error.filename and str(error.filename) != str(places.folder) else ""
    return OrthgenError(f"cannot write `{places.folder}`: {_reason(error)}{where}", hint=hint)


def _cannot_move(places: Places, error: OSError) -> OrthgenError:
    path = Path(error.filename or places.folder)
    whole = "The deployment changes as a whole, and nothing was changed"
    if error.errno == errno.EBUSY:
        return OrthgenError(
            f"something is mounted on `{path}`",
            hint=f"{whole}: mount it outside of it, or unmount it meanwhile",
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        folder = path if path.is_dir() and not path.is_symlink() else path.parent
        return OrthgenError(
            f"`{path}` cannot be taken along: `{folder}` belongs to somebody else",
            hint=f"{whole}: `sudo chown $(id -u) {folder}` (the folder alone, not the files in it), or render as root",
        )
    return OrthgenError(f"cannot move `{path}`: {_reason(error)}", hint=whole)


def _cannot_clear_away(places: Places, swept: Swept) -> OrthgenError:
    few = [f"`{path}`: {reason}" for path, reason in list(swept.stuck.items())[:5]]
    return OrthgenError(
        f"`{places.folder}` is whole, but beside it files are left that came while it changed: {'; '.join(few)}",
        hint="run the command again as their owner, or as root: it moves them into the folder; nothing is lost",
    )
