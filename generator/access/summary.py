"""
Who can do what where, for as many roles and collections as an institution has.

Asking about every role, action and collection takes the square of the profile's length. Of labels, a decision
looks only at whether somebody's profile names one of the study's: collections that a profile names, or does not,
have the same answers, and so have roles with the same permissions. One of them is asked for all that are alike;
`matrix` asks every question by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.access.actions import ACTIONS, Action
from generator.access.matrix import asked
from generator.access.view import NO_COLLECTION, AccessView, Kind, Person, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.access.profiles import Profile


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
    known: dict[object, bool] = {}
    for person in view.people:
        groups, likeness = places.as_seen_by(person), _likeness(view, person)
        for action in ACTIONS:
            granted = []
            for alike, group in groups if action.per_study else [("", [NO_COLLECTION])]:
                key = (likeness, action.name, alike)
                if key not in known:
                    answers = asked(view, person, action, group[0])
                    known[key] = all(decision.granted for _, decision in answers)
                if known[key]:
                    granted.append(group)
            if action.per_study:
                yield Allowed(person, action, places.all_of(granted, len(groups)))
            else:
                yield Allowed(person, action, (NO_COLLECTION,) if granted else ())


def _profile(view: AccessView, person: Person) -> Profile | None:
    token = next(iter(view.tokens(person, view.study_of(NO_COLLECTION))), None)
    return view.service.profile(token)


def _likeness(view: AccessView, person: Person) -> object:
    """What people with the same answers have in common; a link is like no other."""
    profile = _profile(view, person)
    if person.kind is not Kind.ROLE or profile is None:
        return person.name
    return (profile.permissions, profile.sees_every_label, bool(profile.labels), profile.is_user)


class _Places:
    """The places of a view, by label: somebody who sees three of a thousand costs three look-ups."""

    def __init__(self, view: AccessView) -> None:
        self.view = view
        self.all = view.places
        self.order = {place.name: number for number, place in enumerate(self.all)}
        self.by_label: dict[str, list[Place]] = {}
        for place in view.collections:
            for label in place.labels:
                self.by_label.setdefault(label, []).append(place)

    def as_seen_by(self, person: Person) -> list[tuple[object, list[Place]]]:
        """The places in groups, by whose profile names their label: somebody's own, the anonymous one, none."""
        profile = _profile(self.view, person)
        own = profile.labels if profile is not None else frozenset[str]()
        anonymous = self.view.service.anonymous.labels
        seen = {place.name: place for label in own | anonymous for place in self.by_label.get(label, ())}
        groups: dict[object, list[Place]] = {}
        for place in sorted(seen.values(), key=lambda place: self.order[place.name]):
            named = (not own.isdisjoint(place.labels), not anonymous.isdisjoint(place.labels))
            groups.setdefault(named, []).append(place)
        others = [place for place in self.view.collections if place.name not in seen]
        return [*groups.items(), *([("others", others)] if others else []), ("unlabelled", [NO_COLLECTION])]

    def all_of(self, groups: Sequence[list[Place]], count: int) -> tuple[Place, ...]:
        """The places of some groups out of `count`, in the view's order."""
        if len(groups) == count:
            return self.all
        return tuple(
            sorted((place for group in groups for place in group), key=lambda one: self.order[one.name])
        )
