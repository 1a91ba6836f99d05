"""Groups of many created objects of one kind: their common fields, and the fields of each object."""

from __future__ import annotations

from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.changes.model import ChangeAction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.changes.model import Change, FieldChange

# Fewer are read faster one by one.
_MIN_GROUP_SIZE = 10
# What people read and Keycloak does not act upon. Anything else says who may do what, and is shown for each.
_PROSE = frozenset({"description", "displayName"})


class ChangeGroup(Struct, frozen=True):
    """Many objects of one kind and parent; `own` has the fields of each member that are not `common`."""

    kind: str
    parent: str
    because: str
    members: tuple[Change, ...]
    common: tuple[FieldChange, ...]
    own: tuple[tuple[FieldChange, ...], ...]

    @property
    def is_prose(self) -> bool:
        """Whether the members differ in nothing but their names and texts for people."""
        return all(item.path in _PROSE for own in self.own for item in own)


def grouped(changes: Sequence[Change]) -> Iterator[Change | ChangeGroup]:
    """The changes in their order; many of one kind that are made one after the other are one group."""
    for (action, kind, parent), run in groupby(changes, _sort_of):
        alike: dict[tuple[str, ...], list[Change]] = {}
        for change in run:
            alike.setdefault((change.note, *(item.path for item in change.fields)), []).append(change)
        for members in alike.values():
            if action is ChangeAction.CREATE and len(members) > _MIN_GROUP_SIZE:
                yield _group(kind, parent, tuple(members))
            else:
                yield from members


def _sort_of(change: Change) -> tuple[ChangeAction, str, str]:
    kind, parent, _ = change.address
    return (change.action, kind, parent)


def _group(kind: str, parent: str, members: tuple[Change, ...]) -> ChangeGroup:
    common = tuple(
        item
        for item in members[0].fields
        if not item.sensitive and all(item in change.fields for change in members[1:])
    )
    own = tuple(tuple(item for item in change.fields if item not in common) for change in members)
    # The key of the profile that asks for all of them.
    keys = zip(*(change.because.split(".") for change in members), strict=False)
    because = ".".join(parts[0] for parts in takewhile(lambda parts: len(set(parts)) == 1, keys))
    return ChangeGroup(kind, parent, because, members, common, own)
