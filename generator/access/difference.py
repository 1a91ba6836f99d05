"""What changes between two states of a deployment: what each person gains and loses, where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from generator.access.actions import Action
from generator.access.summary import Allowed
from generator.access.view import Person, Place

_FULL = ""


class Difference(Struct, frozen=True):
    """
    What somebody gains or loses with the studies of a collection.

    `by` is empty for the whole action, else the name of the action by which it can be done: its own, for a part of it.
    """

    person: Person
    action: Action
    place: Place
    gained: bool
    by: str = _FULL


def difference(
    old: Iterable[Allowed], new: Iterable[Allowed], renamed: Mapping[str, str] | None = None
) -> tuple[Difference, ...]:
    """
    What the new state gives and takes, in its order; what only the old one had comes last.

    Somebody or something that is new can do nothing before, and what is gone can do nothing after. `renamed` are
    roles of the old state by the names that they have in the new one.
    """
    names = renamed or {}
    old = [replace(one, person=_as_called_now(one.person, names)) for one in old]
    before, after = _extents(old), _extents(new)
    changed = []
    for key, (allowed, place, by) in after.items():
        was = before.get(key)
        if was is None or (by == _FULL and was[2] != _FULL):
            changed.append(Difference(allowed.person, allowed.action, place, gained=True, by=by))
        elif by != _FULL and was[2] == _FULL:
            changed.append(Difference(allowed.person, allowed.action, place, gained=False))
    changed += [
        Difference(allowed.person, allowed.action, place, gained=False, by=by)
        for key, (allowed, place, by) in before.items()
        if key not in after
    ]
    return tuple(changed)


def _as_called_now(person: Person, renamed: Mapping[str, str]) -> Person:
    return replace(person, name=renamed.get(person.name, person.name))


_Extent = tuple[Allowed, Place, str]


def _extents(state: Iterable[Allowed]) -> Mapping[tuple[str, str, str], _Extent]:
    """What can be done wholly or otherwise, by person, action and place."""
    found: dict[tuple[str, str, str], _Extent] = {}
    for one in state:
        for place in one.places:
            found[one.person.name, one.action.name, place.name] = (one, place, _FULL)
        for place, by in one.otherwise:
            found[one.person.name, one.action.name, place.name] = (one, place, by)
    return found
