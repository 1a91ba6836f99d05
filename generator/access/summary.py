"""
Who can do what where, for as many roles and collections as an institution has.

Asking about every role, action and collection takes the square of the profile's length. A decision looks at a
study's labels only to see whether somebody's profile names them; so collections that a profile names alike, or
not, have the same answers, and one of them is asked for all. `matrix` asks every question by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.access.actions import ACTIONS, Action
from generator.access.matrix import can
from generator.access.view import NO_COLLECTION, AccessView, Person, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Allowed(Struct, frozen=True):
    """What somebody can do, and where: in the order of the view's places, and nowhere if there are none."""

    person: Person
    action: Action
    places: tuple[Place, ...]


def summary(view: AccessView) -> tuple[Allowed, ...]:
    """
    What everybody can do, by person, then action.

    An action that names no study is asked once, for the studies of no collection. Raises `UndecidablePattern`.
    """
    return tuple(_allowed(view))


def _allowed(view: AccessView) -> Iterator[Allowed]:
    places = _Places(view)
    for person in view.people:
        groups = places.as_seen_by(person)
        for action in ACTIONS:
            if action.per_study:
                granted = [group for group in groups if can(view, person, action, group[0]).can]
                yield Allowed(person, action, places.all_of(granted, len(groups)))
            else:
                is_granted = can(view, person, action, NO_COLLECTION).can
                yield Allowed(person, action, (NO_COLLECTION,) if is_granted else ())


class _Places:
    """The places of a view, by label: somebody who sees three of a thousand costs three look-ups."""

    def __init__(self, view: AccessView) -> None:
        self.view = view
        self.order = {place.name: number for number, place in enumerate(view.places)}
        self.by_label: dict[str, list[Place]] = {}
        for place in view.collections:
            for label in place.labels:
                self.by_label.setdefault(label, []).append(place)

    def as_seen_by(self, person: Person) -> list[list[Place]]:
        """The places in groups: those whose labels a profile names alike, all others, those without label."""
        named = self._named(person)
        groups: dict[frozenset[str], list[Place]] = {}
        seen = {place.name: place for label in named for place in self.by_label.get(label, ())}
        for name in sorted(seen, key=self.order.__getitem__):
            groups.setdefault(seen[name].labels & named, []).append(seen[name])
        others = [place for place in self.view.collections if place.name not in seen]
        return [*groups.values(), *([others] if others else []), [NO_COLLECTION]]

    def _named(self, person: Person) -> frozenset[str]:
        """The labels that a decision about somebody can depend on."""
        token = next(iter(self.view.tokens(person, self.view.study_of(NO_COLLECTION))), None)
        profiles = (self.view.service.profile(token), self.view.service.anonymous)
        return frozenset(label for profile in profiles if profile is not None for label in profile.labels)

    def all_of(self, groups: Sequence[list[Place]], count: int) -> tuple[Place, ...]:
        """The places of some groups out of `count`, in the view's order."""
        if len(groups) == count:
            return self.view.places
        return tuple(
            sorted((place for group in groups for place in group), key=lambda one: self.order[one.name])
        )
