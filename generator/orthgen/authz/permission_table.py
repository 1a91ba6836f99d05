"""Compiled permission table of one configuration: the row that decides on a method and a path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from orthgen.authz.patterns import Pattern, Problem
from orthgen.authz.permissions import Row
from orthgen.errors import OrthgenError
from orthgen.findings import Location


class UndecidablePattern(OrthgenError):
    """A request reaches a row whose pattern boost and Python read differently: `row` says which."""

    def __init__(self, row: PreparedRow, problem: Problem) -> None:
        super().__init__(f"{row.row.place} (`{row.row.pattern}`): {problem.message}", hint=problem.hint)
        self.row = row


class PreparedRow(Struct, frozen=True):
    """A row with its pattern ready to match, and the line that wrote it."""

    row: Row
    pattern: Pattern
    location: Location | None = None


class _Method(Struct, frozen=True):
    """The rows of one method in order; `together` matches them all at once where their patterns allow it."""

    rows: tuple[PreparedRow, ...]
    together: re.Pattern[bytes] | None
    first_unread: int

    def match(self, path: bytes) -> PreparedRow | None:
        position = self._position(path)
        if self.first_unread < position:
            row = self.rows[self.first_unread]
            raise UndecidablePattern(row, row.pattern.problem or Problem("not read", ""))
        return self.rows[position] if position < len(self.rows) else None

    def _position(self, path: bytes) -> int:
        if self.together is not None:
            match = self.together.fullmatch(path)
            return int(match.lastgroup[1:]) if match and match.lastgroup else len(self.rows)
        for position, row in enumerate(self.rows):
            if row.pattern.compiled is not None and row.pattern.compiled.fullmatch(path):
                return position
        return len(self.rows)


class Table(Struct, frozen=True):
    """The rows of a configuration by method."""

    methods: Mapping[str, _Method]

    @staticmethod
    def prepare(rows: Iterable[PreparedRow]) -> Table:
        """A table of these rows, in this order."""
        by_method: dict[str, list[PreparedRow]] = {}
        for row in rows:
            by_method.setdefault(row.row.method, []).append(row)
        return Table({method: _prepare_method(tuple(own)) for method, own in by_method.items()})

    def match(self, method: str, path: bytes) -> PreparedRow | None:
        """
        The first row whose method is equal and whose pattern matches the whole path.

        Raises `UndecidablePattern` where a row that cannot be read here stands before it.
        """
        rows = self.methods.get(method)
        return rows.match(path) if rows else None


def _prepare_method(rows: tuple[PreparedRow, ...]) -> _Method:
    unread = next((at for at, row in enumerate(rows) if row.pattern.problem is not None), len(rows))
    together = None
    if all(row.pattern.combinable for row in rows):
        # The named group closes last, so it is the match's `lastgroup` whatever groups stand inside it.
        branches = (
            f"(?P<r{at}>{row.pattern.expression})"
            for at, row in enumerate(rows)
            if row.pattern.problem is None
        )
        # An empty alternation would match the empty path.
        expression = "|".join(branches) or r"(?!)"
        together = re.compile(expression.encode(), re.DOTALL)
    return _Method(rows, together, unread)
