"""
Journal of a change: the record from which the next run completes an interrupted one.

It is on the disk before the first file is moved, and is deleted when the change is complete.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.workspace.durable import sync

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Journal(Struct, frozen=True):
    """
    Files of the old deployment, by their handling.

    `moved`: paths of others that were moved, because they could not be linked. `linked`: the inode of each linked file
    of others. `replaced`: the digest of each file that the plan replaces or deletes.
    """

    moved: tuple[str, ...] = ()
    linked: Mapping[str, int] = {}
    replaced: Mapping[str, str] = {}


def write_journal(journal: Journal, path: Path) -> None:
    """Put the journal on the disk."""
    # Names that are no UTF-8 come as lone surrogates, which JSON's escapes carry.
    content = {"moved": journal.moved, "linked": journal.linked, "replaced": journal.replaced}
    path.write_text(json.dumps(content), encoding="ascii")
    sync([path], [path.parent])


def read_journal(path: Path) -> Journal:
    """The journal at `path`; an empty one where it is missing or incomplete, because then no file was moved yet."""
    try:
        content = json.loads(path.read_text(encoding="ascii"))
        return Journal(tuple(content["moved"]), dict(content["linked"]), dict(content["replaced"]))
    except (FileNotFoundError, ValueError, LookupError, TypeError, RecursionError):
        return Journal()
