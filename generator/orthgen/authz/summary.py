"""
Summary of rights, for as many roles and collections as an institution has.

Asking about every role, action and collection takes the square of the profile's length. Of labels, a decision
looks only at whether somebody's profile names one of the study's: collections that a profile names, or does not,
have the same answers, and so have roles with the same permissions. One of them is asked for all that are alike;
`matrix` asks every question by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.authz.actions import ACTIONS, Action
from orthgen.authz.matrix import decisions
from orthgen.authz.partial_rights import including, own_partial_right
from orthgen.authz.policy import NO_COLLECTION, Place, Policy, Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from orthgen.authz.auth_service import Profile


class Allowed(Struct, frozen=True):
    """
    An action with the places where a person can do it, in the policy's order; no places: nowhere.

    `otherwise` names, for places where that is not so, the action by which it can be done all the same; the action
    itself, where only a part of it can.
    """

    principal: Principal
    action: Action
    places: tuple[Place, ...]
    otherwise: tuple[tuple[Place, str], ...] = ()


def summary(policy: Policy) -> tuple[Allowed, ...]:
    """
    The rights of every person, by person, then action.

    An action that names no study is asked once, for the studies of no collection. Raises `UndecidablePattern`.
    """
    return tuple(_allowed(policy))


def _allowed(policy: Policy) -> Iterator[Allowed]:
    places = _Places(policy)
    included = {action.name: including(policy, action) for action in ACTIONS}
    cache: dict[object, bool] = {}
    for principal in policy.principals:
        groups = places.as_seen_by(principal)
        questions = _Questions(policy, principal, _likeness(policy, principal), groups, cache)
        for action in ACTIONS:
            candidates = groups if action.per_study else [_WHOLE]
            granted = [group for group in candidates if questions.can(action, group)]
            otherwise = tuple(
                (place, by)
                for group in candidates
                if group not in granted and (by := questions.otherwise(action, included[action.name], group))
                for place in group[1]
            )
            where = places.all_of([group for _, group in granted], len(groups))
            if not action.per_study:
                where = (NO_COLLECTION,) if granted else ()
            yield Allowed(principal, action, where, otherwise)


_Group = tuple[object, list[Place]]
_WHOLE: _Group = ("", [NO_COLLECTION])


class _Questions(Struct, frozen=True):
    """Cached questions about one person; `answers` holds those of everybody with the same likeness."""

    policy: Policy
    principal: Principal
    likeness: object
    groups: list[_Group]
    answers: dict[object, bool]

    def can(self, action: Action, group: _Group) -> bool:
        """Whether every request of the action is granted."""
        return self._cached(
            ("can", action.name), group, lambda: _all_granted(self.policy, self.principal, action, group)
        )

    def otherwise(self, action: Action, including_it: Sequence[Action], group: _Group) -> str | None:
        """The name of an action that amounts to this one, or to a part of it."""
        for by in (action, *including_it):
            places = (
                self.groups if by.per_study and not action.per_study else [group if by.per_study else _WHOLE]
            )
            if any(self._opens(by, place) for place in places):
                return by.name
        return None

    def _opens(self, action: Action, group: _Group) -> bool:
        def is_open() -> bool:
            return own_partial_right(self.policy, self.principal, action, group[1][0]) is not None

        return self._cached(("opens", action.name), group, is_open)

    def _cached(self, question: tuple[str, str], group: _Group, answer: Callable[[], bool]) -> bool:
        key = (self.likeness, question, group[0])
        if key not in self.answers:
            self.answers[key] = answer()
        return self.answers[key]


def _all_granted(policy: Policy, principal: Principal, action: Action, group: _Group) -> bool:
    return all(decision.granted for _, decision in decisions(policy, principal, action, group[1][0]))


def _profile(policy: Policy, principal: Principal) -> Profile | None:
    token = next(iter(policy.tokens(principal, policy.study_of(NO_COLLECTION))), None)
    return policy.service.profile(token)


def _likeness(policy: Policy, principal: Principal) -> object:
    """A key that people with the same answers share; the holder of a link shares it with nobody."""
    profile = _profile(policy, principal)
    if principal.kind is not PrincipalKind.ROLE or profile is None:
        return principal.name
    reports = policy.guard is not None and principal.name in policy.guard.reports.roles
    return (profile.permissions, profile.sees_every_label, bool(profile.labels), reports)


class _Places:
    """The places of a view, by label: somebody who sees three of a thousand costs three look-ups."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.all = policy.places
        self.order = {place.name: number for number, place in enumerate(self.all)}
        self.by_label: dict[str, list[Place]] = {}
        for place in policy.collections:
            for label in place.labels:
                self.by_label.setdefault(label, []).append(place)

    def as_seen_by(self, principal: Principal) -> list[_Group]:
        """The places in groups, by whose profile names their label: somebody's own, the anonymous one, none.

        The studies of no collection carry no label, so they are in the last group.
        """
        profile = _profile(self.policy, principal)
        own_labels = profile.labels if profile is not None else frozenset[str]()
        anonymous = self.policy.service.anonymous.labels
        seen = {
            place.name: place for label in own_labels | anonymous for place in self.by_label.get(label, ())
        }
        groups: dict[object, list[Place]] = {}
        for place in sorted(seen.values(), key=lambda place: self.order[place.name]):
            named = (not own_labels.isdisjoint(place.labels), not anonymous.isdisjoint(place.labels))
            groups.setdefault(named, []).append(place)
        unnamed = [place for place in self.all if place.name not in seen]
        return [*groups.items(), ("unnamed", unnamed)]

    def all_of(self, groups: Sequence[list[Place]], count: int) -> tuple[Place, ...]:
        """The places of some groups out of `count`, in the view's order."""
        if len(groups) == count:
            return self.all
        return tuple(
            sorted(
                (place for group in groups for place in group),
                key=lambda place: self.order[place.name],
            )
        )
