"""A pasted text while it is read: its lines, and the parts that were recognised so far."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.model import Source

if TYPE_CHECKING:
    from orthgen.observed.model import SourceKind
    from orthgen.observed.recording_model import Exchange, LogLine, ObservedToken, Question


class Excerpt(Struct, frozen=True):
    """
    A piece of configuration in a longer text.

    `text` has blank lines in place of everything above the piece, so that a parser's lines are those of the whole text.
    What was cut off is completed: the outer braces of a few JSON keys, brackets that were left open.
    """

    text: str
    first_line: int
    is_complete: bool


# A text with more pieces of configuration is a log, or no text for people.
MAX_EXCERPTS = 50
# Lexemes that may be read in vain: text that begins as JSON and is none.
MAX_VAIN_LEXEMES = 100_000


class PastedText(Struct):
    """A text with its lines, without their ends, and its parts. A line's number is its index plus one."""

    file: str
    text: str
    lines: list[str] = []
    starts: list[int] = []
    """The position of each line in the text."""
    excerpts: list[Excerpt] = []
    sources: list[Source] = []
    exchanges: list[Exchange] = []
    tokens: list[ObservedToken] = []
    pending_header: Mapping[str, Any] = {}
    """The header of a token whose payload has not been read yet."""
    log_lines: list[LogLine] = []
    prose: list[LogLine] = []
    questions: list[Question] = []
    unseen: list[str] = []
    vain_lexemes_left: int = MAX_VAIN_LEXEMES

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]

    def line(self, index: int) -> str:
        """The line at an index; empty behind the last one."""
        return self.lines[index] if index < len(self.lines) else ""

    def location(self, index: int, column: int = 0) -> Location:
        """The place of a character, both counted from 0."""
        return Location(self.file, index + 1, column + 1)

    def note_source(self, kind: SourceKind, index: int) -> None:
        """Note a part of this kind that begins at a line; neighbours of one kind are one part."""
        if not self.sources or self.sources[-1].kind is not kind:
            self.sources.append(Source(self.file, kind, index + 1, is_complete=True))

    def excerpt(self, start: int, end: int, *, is_complete: bool) -> None:
        """Note the lines from `start` to before `end` as a piece of configuration."""
        self.add_excerpt(start, "\n".join(self.lines[start:end]) + "\n", is_complete=is_complete)

    def add_excerpt(self, start: int, text: str, *, is_complete: bool, above: str = "") -> None:
        """Note a piece of configuration that begins in the line `start`, `above` being the end of the blank lines above it."""
        if len(self.excerpts) < MAX_EXCERPTS:
            blank = "\n" * (start - above.count("\n")) + above
            self.excerpts.append(Excerpt(blank + text, start + 1, is_complete))
        elif len(self.excerpts) == MAX_EXCERPTS:
            self.unseen.append(
                f"`{self.file}` has more pieces of configuration than the {MAX_EXCERPTS} that were read."
            )
