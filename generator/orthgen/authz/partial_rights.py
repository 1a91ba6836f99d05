"""
Partial rights: a granted request by which a person can do a part of an action.

Each request of an action is asked by itself, with the caller's own tokens and with links that the caller can make;
then the actions that include it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from orthgen.authz.actions import ACTIONS, ACTIONS_BY_NAME, Action, ActionRequest, Bearer
from orthgen.authz.model import Decision, Token
from orthgen.authz.policy import NO_COLLECTION, Place, Policy, Principal

_EDITS_ROLES = "administer"


class PartialRight(Struct, frozen=True):
    """A request that is granted, and the action that it belongs to."""

    action: Action
    step: ActionRequest
    decision: Decision


def partial_right(policy: Policy, principal: Principal, action: Action, place: Place) -> PartialRight | None:
    """The first granted request by which a principal can do a part of an action. Raises `UndecidablePattern`."""
    for candidate in (action, *including(policy, action)):
        for candidate_place in places_of(policy, action, candidate, place):
            right = own_partial_right(policy, principal, candidate, candidate_place)
            if right is not None:
                return right
    return None


def including(policy: Policy, action: Action) -> tuple[Action, ...]:
    """The other actions that amount to this one as well."""
    return tuple(
        other
        for other in ACTIONS
        if other is not action
        and (action.name in _closure(other.name) or (policy.edits_roles and other.name == _EDITS_ROLES))
    )


def _closure(name: str) -> frozenset[str]:
    names = ACTIONS_BY_NAME[name].includes
    return frozenset(names).union(*(_closure(included) for included in names))


def places_of(policy: Policy, action: Action, by: Action, place: Place) -> tuple[Place, ...]:
    """The places to ask about `by` for `action`: every place, for an action that concerns no study."""
    if not by.per_study:
        return (NO_COLLECTION,)
    return (place,) if action.per_study else policy.places


def own_partial_right(
    policy: Policy, principal: Principal, action: Action, place: Place
) -> PartialRight | None:
    """The first granted request of the action itself. Raises `UndecidablePattern`."""
    study = policy.study_of(place)
    links = cache(lambda: policy.links_of(principal, study))
    for request in policy.requests(action.requests, place):
        for tokens in _bearers(request, links):
            decision = policy.ask(principal, study, request.method, request.target, request.body, tokens)
            if decision.granted:
                return PartialRight(action, request, decision)
    return None


def _bearers(
    step: ActionRequest, links: Callable[[], tuple[Token, ...]]
) -> Iterator[tuple[Token, ...] | None]:
    """The tokens to ask with, of the caller's `links` where the step says so; None for the caller's own."""
    if step.bearer is Bearer.CALLER:
        yield None
        return
    for link in links():
        yield (link if step.bearer is Bearer.LINK_ELSEWHERE else replace(link, elsewhere=False),)
