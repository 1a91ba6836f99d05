"""
Recovery of a deployment's folder after a killed run: the next run completes or undoes it.

A leftover beside the folder is cleaned up by the journal that the killed run wrote; files that are not accounted for are
kept.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError, system_reason
from orthgen.workspace.build import discard
from orthgen.workspace.cleanup import CleanupResult, clean_up
from orthgen.workspace.folder import DeploymentPaths, locked
from orthgen.workspace.journal import read_journal

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.workspace.journal import Journal


def recover(folder: Path) -> CleanupResult:
    """Complete or undo a killed run: restore a deployment that was renamed, delete leftovers."""
    places = DeploymentPaths.of(folder)
    neighbours = (places.build, *places.leftovers, places.journal)
    if not any(os.path.lexists(place) for place in neighbours):
        return CleanupResult.empty()
    try:
        with locked(places):
            return recover_locked(places)
    except OSError as error:
        raise cannot_write(places, error) from error


def recover_locked(places: DeploymentPaths) -> CleanupResult:
    """`recover` under the lock; raises OrthgenError where a leftover file cannot be moved."""
    if places.aside.exists() and not places.folder.exists():
        places.aside.rename(places.folder)
    discard(places.build)
    return clean_up_leftovers(places, read_journal(places.journal))


def clean_up_leftovers(places: DeploymentPaths, journal: Journal) -> CleanupResult:
    """Clean up beside the folder. The journal is deleted last, because the clean-up needs it."""
    cleanup = CleanupResult.empty()
    for leftover in places.leftovers:
        result = clean_up(leftover, places.folder, journal)
        cleanup.saved.extend(result.saved)
        cleanup.stuck.update(result.stuck)
    if cleanup.stuck:
        raise _cannot_clean_up_leftovers(places, cleanup)
    places.journal.unlink(missing_ok=True)
    return cleanup


def cannot_write(places: DeploymentPaths, error: OSError) -> OrthgenError:
    """The error where the system refuses a change beside or in the folder."""
    hint = "the deployment there was not changed"
    if places.folder.is_mount():
        hint += "; a folder that something is mounted on cannot be exchanged: render into one below it"
    where = f" (`{error.filename}`)" if error.filename and str(error.filename) != str(places.folder) else ""
    return OrthgenError(f"cannot write `{places.folder}`: {system_reason(error)}{where}", hint=hint)


def _cannot_clean_up_leftovers(places: DeploymentPaths, swept: CleanupResult) -> OrthgenError:
    few = [f"`{path}`: {cause}" for path, cause in list(swept.stuck.items())[:5]]
    return OrthgenError(
        f"`{places.folder}` is complete, but files that arrived during the change are still beside it: {'; '.join(few)}",
        hint="run the command again as their owner, or as root: it moves them into the folder; nothing is lost",
    )
