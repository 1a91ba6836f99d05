"""Output streams: two streams, colour, width of the terminal. The only module that prints."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

from msgspec import Struct, field

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


class Console(Struct, frozen=True):
    """A pair of streams; `out` carries what was asked for, `err` everything about it."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def say(self, text: str) -> None:
        """One piece of the result."""
        print(text, file=self.out)

    def tell(self, text: str = "") -> None:
        """One line about the result: progress, warnings, errors."""
        print(text, file=self.err)

    @property
    def width(self) -> int:
        """Columns to write in; what no terminal bounds is not wrapped."""
        return shutil.get_terminal_size((100, 24)).columns if self.out.isatty() else 10_000


def has_colour(stream: TextIO) -> bool:
    """Whether to colour what goes to `stream` (NO_COLOR and FORCE_COLOR are honoured)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def paint(text: str, *styles: str, stream: TextIO) -> str:
    """The text in the given styles, or as it is where the stream has no colour."""
    if not styles or not has_colour(stream):
        return text
    return f"\033[{';'.join(_CODES[style] for style in styles)}m{text}\033[0m"
