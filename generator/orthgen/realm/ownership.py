"""
Record of the objects that provisioning created, kept in an attribute of the realm.

Objects that existed before are not in the record, because provisioning must not delete them. An object is recorded
before it is created, so that an interrupted run leaves no unrecorded object; a record of an object that was never
created does no harm.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Address = tuple[str, str, str]
"""Kind, parent's key, key."""


def owned_text(addresses: Iterable[Address]) -> str:
    """The attribute's value."""
    by_kind: dict[str, list[list[str] | str]] = {}
    for kind, parent, key in sorted(set(addresses)):
        by_kind.setdefault(kind, []).append([parent, key] if parent else key)
    return json.dumps(by_kind, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read_owned(text: str) -> frozenset[Address]:
    """The addresses in the attribute's value; an unreadable value holds none."""
    try:
        by_kind = json.loads(text or "{}")
        return frozenset(
            (str(kind), "", item) if isinstance(item, str) else (str(kind), str(item[0]), str(item[1]))
            for kind, items in by_kind.items()
            for item in items
        )
    except (ValueError, AttributeError, TypeError, IndexError):
        return frozenset()
