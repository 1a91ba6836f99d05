"""Differences of rights between two states of a deployment, by person, action and collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from orthgen.authz.actions import Action
from orthgen.authz.policy import Place, Principal
from orthgen.authz.summary import Allowed

_FULL = ""


class RightsDifference(Struct, frozen=True):
    """
    A right on the studies of a collection that a person gains or loses.

    `by` is empty for the whole action, else the name of the action by which it can be done: its own, for a part of it.
    """

    principal: Principal
    action: Action
    place: Place
    gained: bool
    by: str = _FULL


class Renamed(Struct, frozen=True):
    """Renamed roles and collections: the new name by the old one."""

    roles: Mapping[str, str] = {}
    collections: Mapping[str, str] = {}


NOTHING_RENAMED = Renamed()


def difference(
    old: Iterable[Allowed], new: Iterable[Allowed], renamed: Renamed = NOTHING_RENAMED
) -> tuple[RightsDifference, ...]:
    """
    The rights that the new state gives and takes, in its order; rights of the old state alone come last.

    Somebody or something that is new can do nothing before, and what is gone can do nothing after. What was renamed is
    the same as before.
    """
    old = [_as_called_now(allowed_before, renamed) for allowed_before in old]
    before, after = _extents(old), _extents(new)
    changed = []
    for key, (allowed, place, by) in after.items():
        was = before.get(key)
        if was is None or (by == _FULL and was[2] != _FULL):
            changed.append(RightsDifference(allowed.principal, allowed.action, place, gained=True, by=by))
        elif by != _FULL and was[2] == _FULL:
            changed.append(RightsDifference(allowed.principal, allowed.action, place, gained=False))
    changed += [
        RightsDifference(allowed.principal, allowed.action, place, gained=False, by=by)
        for key, (allowed, place, by) in before.items()
        if key not in after
    ]
    return tuple(changed)


def _as_called_now(allowed: Allowed, renamed: Renamed) -> Allowed:
    def place(old: Place) -> Place:
        return replace(old, name=renamed.collections.get(old.name, old.name))

    principal = allowed.principal
    return replace(
        allowed,
        principal=replace(principal, name=renamed.roles.get(principal.name, principal.name)),
        places=tuple(place(old_place) for old_place in allowed.places),
        otherwise=tuple((place(old_place), by) for old_place, by in allowed.otherwise),
    )


_Extent = tuple[Allowed, Place, str]


def _extents(state: Iterable[Allowed]) -> Mapping[tuple[str, str, str], _Extent]:
    """The rights, whole or partial, by person, action and place."""
    extents: dict[tuple[str, str, str], _Extent] = {}
    for allowed in state:
        for place in allowed.places:
            extents[allowed.principal.name, allowed.action.name, place.name] = (allowed, place, _FULL)
        for place, by in allowed.otherwise:
            extents[allowed.principal.name, allowed.action.name, place.name] = (allowed, place, by)
    return extents
