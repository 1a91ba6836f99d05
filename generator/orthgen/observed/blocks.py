"""Blocks of lines, as the configuration of Caddy, Apache and HAProxy is made of: a line of words, and the lines inside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from orthgen.findings import Location
from orthgen.observed.proxy_model import Directive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.observed.files import TextFile

_WORD = r'"((?:[^"\\]|\\.)*)"|`([^`]*)`|(\S+)'
_MAX_NESTING = 40


class Block(Struct):
    """A line of words, and the lines in its block."""

    words: tuple[str, ...]
    location: Location
    inside: list[Block] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The first word, in small letters."""
        return self.words[0].lower() if self.words else ""

    @property
    def directive(self) -> Directive:
        """The line as a directive."""
        return Directive(self.name, self.words[1:], self.location)

    def named(self, *names: str) -> Iterator[Block]:
        """The lines inside that begin with one of these words."""
        return (each for each in self.inside if each.name in names)


def _lines(file: TextFile) -> Iterator[tuple[tuple[str, ...], Location]]:
    """The words of each line with its place; a backslash at its end joins the next one, and `#` begins a comment."""
    joined, start = "", None
    for number, line in enumerate(file.text.split("\n"), start=1):
        text = line.strip()
        if start is None:
            if not text or text.startswith("#"):
                continue
            start = Location(file.name, number, len(line) - len(line.lstrip()) + 1)
        if text.endswith("\\"):
            joined += text[:-1] + " "
            continue
        words = tuple(match[1] or match[2] or match[3] or "" for match in re.finditer(_WORD, joined + text))
        comment = next((index for index, word in enumerate(words) if word.startswith("#")), len(words))
        yield words[:comment], start
        joined, start = "", None


def brace_blocks(file: TextFile) -> Block:
    """The blocks of a Caddyfile: `{` at the end of a line opens one, `}` alone closes it."""
    root = Block((), Location(file.name, 1, 1))
    stack = [root]
    for words, location in _lines(file):
        if words == ("}",):
            if len(stack) > 1:
                stack.pop()
            continue
        opens = bool(words) and words[-1] == "{"
        block = Block(words[:-1] if opens else words, location)
        stack[-1].inside.append(block)
        if opens and len(stack) < _MAX_NESTING:
            stack.append(block)
    return root


def tag_blocks(file: TextFile) -> Block:
    """The blocks of Apache's configuration: `<Name …>` opens one, `</Name>` closes it."""
    root = Block((), Location(file.name, 1, 1))
    stack = [root]
    for words, location in _lines(file):
        if not words:
            continue
        if words[0].startswith("</"):
            if len(stack) > 1:
                stack.pop()
            continue
        opens = words[0].startswith("<")
        block = Block(
            tuple(word.strip("<>") for word in words if word.strip("<>")) if opens else words, location
        )
        stack[-1].inside.append(block)
        if opens and len(stack) < _MAX_NESTING:
            stack.append(block)
    return root


def section_blocks(file: TextFile, names: frozenset[str]) -> Block:
    """The sections of HAProxy's configuration: a line that begins with one of these names opens one, to the next such line."""
    root = Block((), Location(file.name, 1, 1))
    inside = root
    for words, location in _lines(file):
        block = Block(words, location)
        if block.name in names:
            root.inside.append(block)
            inside = block
        elif words:
            inside.inside.append(block)
    return root
