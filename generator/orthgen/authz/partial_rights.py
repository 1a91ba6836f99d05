"""
What lets somebody do a thing, or a part of it, without all that it usually takes: what `cannot` denies.

Each request of an action is asked by itself, with the caller's own tokens and with links that the caller can make;
then the actions that include it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from orthgen.authz.actions import ACTIONS, ACTIONS_BY_NAME, Action, Bearer, Step, filled
from orthgen.authz.model import Decision, Token
from orthgen.authz.policy import NO_COLLECTION, AccessView, Person, Place, Study

_EDITS_ROLES = "administer"


class Opening(Struct, frozen=True):
    """A request that is granted, and the action that it belongs to."""

    action: Action
    step: Step
    decision: Decision


def opening(view: AccessView, person: Person, action: Action, place: Place) -> Opening | None:
    """The first request by which somebody can do (part of) an action on a collection. Raises `UndecidablePattern`."""
    for one in (action, *including(view, action)):
        for where in places_of(view, action, one, place):
            found = own_opening(view, person, one, where)
            if found is not None:
                return found
    return None


def including(view: AccessView, action: Action) -> tuple[Action, ...]:
    """The other actions that amount to this one as well."""
    return tuple(
        other
        for other in ACTIONS
        if other is not action
        and (action.name in _closure(other.name) or (view.edits_roles and other.name == _EDITS_ROLES))
    )


def _closure(name: str) -> frozenset[str]:
    own = ACTIONS_BY_NAME[name].includes
    return frozenset(own).union(*(_closure(one) for one in own))


def places_of(view: AccessView, action: Action, by: Action, place: Place) -> tuple[Place, ...]:
    """Where to ask about `by` for `action` on a collection: anywhere, for an action that is about no study."""
    if not by.per_study:
        return (NO_COLLECTION,)
    return (place,) if action.per_study else view.places


def own_opening(view: AccessView, person: Person, action: Action, place: Place) -> Opening | None:
    """The first granted request of the action itself. Raises `UndecidablePattern`."""
    study = view.study_of(place)
    for step in action.requests:
        one = filled(step, names_of(view, place))
        for tokens in _bearers(view, person, study, one):
            decision = view.ask(person, study, one.method, one.target, one.body, tokens)
            if decision.granted:
                return Opening(action, one, decision)
    return None


def _bearers(
    view: AccessView, person: Person, study: Study, step: Step
) -> Iterator[tuple[Token, ...] | None]:
    """Whose tokens to ask with: None for the caller's own."""
    if step.bearer is Bearer.CALLER:
        yield None
        return
    for link in view.links_of(person, study):
        yield (link if step.bearer is Bearer.LINK_ELSEWHERE else replace(link, elsewhere=False),)


def names_of(view: AccessView, place: Place) -> Mapping[str, str]:
    """What the placeholders of steps stand for on a collection."""
    return {
        **view.study_of(place).names,
        "share": view.share or "ohif-viewer-publication",
        "label": min(place.labels, default="label"),
        "modality": "modality",
        "worklist": "worklist",
    }
