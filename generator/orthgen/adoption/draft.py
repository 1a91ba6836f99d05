"""Draft of an adopted profile: its values with the places that they come from, and notes for people."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path


class NoteKind(StrEnum):
    """The kinds of notes, in the order in which they are listed."""

    FILL_IN = "to fill in"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    DATA = "data"
    CHANGED = "changes"
    LEFT_OUT = "left out"


class Note(Struct, frozen=True):
    """
    A fact about the deployment that the profile does not say, and what becomes of it.

    `message` is what the deployment has; `outcome` is what happens to it, or what a person does. `commands` are lines for
    a shell.
    """

    kind: NoteKind
    message: str
    outcome: str
    places: tuple[Location, ...] = ()
    commands: tuple[str, ...] = ()


class DraftEntry(Struct, frozen=True):
    """
    A value of the profile, with the places that say so and a remark about it.

    The value None is for a person to fill in; `stand_in` then is a value with which the rest can be checked.
    """

    value: Any
    places: tuple[Location, ...] = ()
    remark: str = ""
    stand_in: Any = None


class Draft:
    """
    A profile under construction.

    A path leads through keys and indexes of lists. A list or mapping that is given as one value is written on one line.
    """

    def __init__(self) -> None:
        self.entries: dict[Path, DraftEntry] = {}
        self.order: dict[Path, int] = {}
        """When each path, and each path above it, was stated first; a value that was taken out keeps its position."""
        self.notes: list[Note] = []

    def state(self, path: Path, value: Any, *places: Location, remark: str = "") -> None:
        """Give the key at `path` a value, with the places that say so."""
        self._put(path, DraftEntry(value, places, remark))

    def fill_in(
        self, path: Path, needed: str, *places: Location, stand_in: Any, reason: str = " is not known"
    ) -> None:
        """Leave the key at `path` empty, because only a person knows its value; `orthgen validate` refuses it until then."""
        self._put(path, DraftEntry(None, places, f"fill in: {needed}", stand_in))
        key = ".".join(str(element) for element in path)
        self.note(NoteKind.FILL_IN, f"`{key}`{reason}", f"write {needed}", *places)

    def move(self, entry: DraftEntry, path: Path) -> None:
        """Put an entry that was taken out at another path."""
        self._put(path, entry)

    def _put(self, path: Path, entry: DraftEntry) -> None:
        self.entries[path] = entry
        for length in range(1, len(path) + 1):
            self.order.setdefault(path[:length], len(self.order))

    def note(
        self, kind: NoteKind, message: str, outcome: str, *places: Location, commands: tuple[str, ...] = ()
    ) -> None:
        """Add a note, once."""
        note = Note(kind, message, outcome, places, commands)
        if note not in self.notes:
            self.notes.append(note)

    def has(self, path: Path) -> bool:
        """Whether the draft has a value at the path or below it."""
        return any(known[: len(path)] == path for known in self.entries)

    def get(self, path: Path) -> Any:
        """The value at the path; None where there is none."""
        entry = self.entries.get(path)
        return entry.value if entry is not None else None

    def remove(self, path: Path) -> tuple[DraftEntry, ...]:
        """Take out the value at the path, or all values below it; returns what was there."""
        gone = [known for known in self.entries if known[: len(path)] == path]
        return tuple(self.entries.pop(known) for known in gone)
