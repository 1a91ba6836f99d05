"""
Apply a file plan: the folder changes as a whole.

1. The new deployment is built beside the old one (`build`), and is on the disk before any other step.
2. A journal records the files of the old deployment. Files that could not be linked into both are moved into the new
   one. A failure up to here is undone, and the old deployment is as it was.
3. One system call exchanges the two folders (RENAME_EXCHANGE): the commit. After a kill at any moment, the folder
   holds the old deployment or the new one. Where the system cannot exchange two folders, the old one is renamed first;
   then the folder is missing between two renames, and the next run restores it.
4. The rest of the old deployment is deleted (`clean_up`). Files that are not accounted for are kept.

The next run completes or undoes an interrupted run (`recovery`).
"""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError, system_reason
from orthgen.workspace.atomic_swap import exchange, move
from orthgen.workspace.build import build, discard
from orthgen.workspace.cleanup import CleanupResult, follow_renames
from orthgen.workspace.durable import sync_folder
from orthgen.workspace.folder import UNCHANGED, DeploymentPaths, locked, other_owner_error
from orthgen.workspace.journal import write_journal
from orthgen.workspace.plan import plan as make_plan
from orthgen.workspace.recovery import cannot_write, clean_up_leftovers, recover_locked

if TYPE_CHECKING:
    from orthgen.workspace.journal import Journal
    from orthgen.workspace.plan import FilePlan


def apply(plan: FilePlan) -> CleanupResult:
    """Apply the plan to the folder; raises OrthgenError where the folder changed since the plan was made."""
    if not plan.changes:
        return CleanupResult.empty()
    places = DeploymentPaths.of(plan.folder)
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
            return CleanupResult([*before.saved, *after.saved], {})
    except OSError as error:
        raise cannot_write(places, error) from error


def _prepare(plan: FilePlan, places: DeploymentPaths) -> Journal:
    """All steps that can fail: afterwards `places.staged` holds the complete new deployment, on the disk."""
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
        # What was moved is not in the old deployment, so the clean-up moves it back.
        clean_up_leftovers(places, journal)
        raise _cannot_move(places, error) from error
    return journal


def _commit(places: DeploymentPaths, journal: Journal) -> CleanupResult:
    try:
        _swap_in(places)
    except OSError:
        clean_up_leftovers(places, journal)
        raise
    # From here on, the folder holds the new deployment and every file of others.
    try:
        sync_folder(places.folder.parent)
        for leftover in places.leftovers:
            follow_renames(leftover, places.folder, journal)
        return clean_up_leftovers(places, journal)
    except OSError as error:
        raise OrthgenError(
            f"`{places.folder}` is complete, but the old files are not removed: {system_reason(error)}",
            hint="run the command again: it removes them; nothing is lost",
        ) from error


def _swap_in(places: DeploymentPaths) -> None:
    if not places.folder.exists():
        places.staged.rename(places.folder)
    elif not exchange(places.staged, places.folder):
        places.folder.rename(places.aside)
        try:
            places.staged.rename(places.folder)
        except OSError:
            places.aside.rename(places.folder)
            raise


def _cannot_move(places: DeploymentPaths, error: OSError) -> OrthgenError:
    path = Path(error.filename or places.folder)
    if error.errno == errno.EBUSY:
        return OrthgenError(
            f"something is mounted on `{path}`",
            hint=f"{UNCHANGED}: mount it outside of the folder, or unmount it during the render",
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        folder = path if path.is_dir() and not path.is_symlink() else path.parent
        return other_owner_error(f"`{path}` cannot be kept", folder)
    return OrthgenError(f"cannot move `{path}`: {system_reason(error)}", hint=UNCHANGED)
