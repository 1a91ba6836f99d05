"""
The one shape of every complaint: where it is, what is wrong, what to do.

Used for a bad profile, for a rendered deployment that contradicts itself and for what is read from an
existing deployment. Nothing here prints; `views.findings_view` chooses words and colours.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How bad a finding is: an error stops the work, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Location(Struct, order=True, frozen=True):
    """A place in a file. `line` and `column` count from 1; a column counts characters, not bytes."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Finding(Struct, frozen=True):
    """
    One thing that is wrong at one place.

    `message` is lower-case, has no final stop and puts the author's words in back-ticks; `hint` says what
    to do about it and is empty only where the message leaves no doubt. `related` are other places that
    the message speaks of.
    """

    rule: str
    message: str
    location: Location
    hint: str = ""
    severity: Severity = Severity.ERROR
    related: tuple[tuple[Location, str], ...] = ()
    is_sensitive: bool = False
    """Whether a secret may stand at the location; then no excerpt shows the rest of that line."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None where none is close."""
    names = list(known)
    folded = {name.casefold(): name for name in names}
    if word.casefold() in folded:
        return folded[word.casefold()]
    close = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists what is known."""
    names = list(known)
    close = nearest(word, names)
    if close is not None:
        return f"did you mean `{close}`?"
    if otherwise:
        return otherwise
    return "known here: " + ", ".join(f"`{name}`" for name in names) if names else ""
