"""Compiled permission table of one configuration: the row that decides on a method and a path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from orthgen.authz.patterns import Pattern, Problem
from orthgen.authz.permissions import PermissionRow
from orthgen.errors import OrthgenError
from orthgen.findings import Location


class UndecidablePattern(OrthgenError):
    """A request reaches a row whose pattern boost and Python read differently: `row` says which."""

    def __init__(self, row: PreparedRow, problem: Problem) -> None:
        super().__init__(f"{row.row.place} (`{row.row.pattern}`): {problem.message}", hint=problem.hint)
        self.row = row


class PreparedRow(Struct, frozen=True):
    """A row with its pattern ready to match, and the line that wrote it."""

    row: PermissionRow
    pattern: Pattern
    location: Location | None = None


class PermissionTable(Struct, frozen=True):
    """The rows of a configuration by method."""

    methods: Mapping[str, tuple[PreparedRow, ...]]

    @classmethod
    def prepare(cls, rows: Iterable[PreparedRow]) -> PermissionTable:
        """A table of these rows, in this order."""
        by_method: dict[str, list[PreparedRow]] = {}
        for row in rows:
            by_method.setdefault(row.row.method, []).append(row)
        return cls({method: tuple(own) for method, own in by_method.items()})

    def match(self, method: str, path: bytes) -> PreparedRow | None:
        """
        The first row whose method is equal and whose pattern matches the whole path.

        Raises `UndecidablePattern` where a row that cannot be read here stands before it.
        """
        for row in self.methods.get(method, ()):
            pattern = row.pattern
            if pattern.problem is not None:
                raise UndecidablePattern(row, pattern.problem)
            if pattern.compiled is not None and pattern.compiled.fullmatch(path):
                return row
        return None
