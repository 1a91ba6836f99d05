"""
What one configuration has worked out already, so that the next decision need not.

Decisions come in hundreds of thousands over a few hundred paths, roles and studies; the parts of an answer
repeat even where the answers do not. Nothing here changes an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")
_MOST = 100_000


class Memo:
    """
    Values by the identity of two objects, which are kept alive with them.

    Identity, because comparing and hashing whole records would cost more than the work that is saved.
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], tuple[object, object, Any]] = {}

    def get(self, one: object, other: object, make: Callable[..., Value], *arguments: Any) -> Value:
        """The value kept for this pair, or the one that `make` makes of the arguments now."""
        kept = self._kept.get((id(one), id(other)))
        if kept is not None and kept[0] is one and kept[1] is other:
            value: Value = kept[2]
            return value
        if len(self._kept) >= _MOST:
            self._kept.clear()
        value = make(*arguments)
        self._kept[id(one), id(other)] = (one, other, value)
        return value


class Memory:
    """The memos of one configuration, by what they hold."""

    __slots__ = ("denials", "labels", "links", "permissions", "routes", "tokens", "touched")

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str, str], Any] = {}
        self.denials: dict[tuple[bool, str], Any] = {}
        self.tokens = Memo()
        self.touched = Memo()
        self.permissions = Memo()
        self.labels = Memo()
        self.links = Memo()
