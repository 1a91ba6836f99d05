"""
The record of what provisioning made, kept in an attribute of the realm.

Only what it made itself stands there: what was there before, and agreed or was made to agree, is not ours to
take away. An object is recorded before it is made, so that a run that was ended in between leaves nothing
unrecorded; a record of something that never came to be does no harm.
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
    """What the attribute's value records; a value that is not ours records nothing."""
    try:
        by_kind = json.loads(text or "{}")
        return frozenset(
            (str(kind), "", item) if isinstance(item, str) else (str(kind), str(item[0]), str(item[1]))
            for kind, items in by_kind.items()
            for item in items
        )
    except (ValueError, AttributeError, TypeError, IndexError):
        return frozenset()
