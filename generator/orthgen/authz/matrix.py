"""Matrix of rights: every person, every action, every collection, each with its decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from orthgen.authz.actions import ACTIONS, Action, ActionRequest
from orthgen.authz.model import Decision
from orthgen.authz.partial_rights import PartialRight, partial_right
from orthgen.authz.policy import NO_COLLECTION, Place, Policy, Principal


class Answer(Struct, frozen=True):
    """
    Whether somebody can do something with the studies of a collection, and every request that it took.

    `opening` is what lets it be done all the same where `can` is not so, by a request of its own or by another action.
    """

    principal: Principal
    action: Action
    place: Place
    steps: tuple[tuple[ActionRequest, Decision], ...]
    partial_right: PartialRight | None = None

    @property
    def can(self) -> bool:
        """Whether every request is granted."""
        return all(decision.granted for _, decision in self.steps)

    @property
    def decisive(self) -> tuple[ActionRequest, Decision]:
        """The first request that is refused, or the last one."""
        return next(
            ((step, decision) for step, decision in self.steps if not decision.granted), self.steps[-1]
        )

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.principal.name, self.action.name, self.place.name)


def decisions(
    policy: Policy, principal: Principal, action: Action, place: Place
) -> Iterator[tuple[ActionRequest, Decision]]:
    """Every request that an action takes on a collection, with its decision. Raises `UndecidablePattern`."""
    study = policy.study_of(place)
    for request in policy.requests(action.by_link if principal.holds_link else action.steps, place):
        yield request, policy.ask(principal, study, request.method, request.target, request.body)


def can(policy: Policy, principal: Principal, action: Action, place: Place) -> Answer:
    """Whether somebody can do something on a collection. Raises `UndecidablePattern`."""
    steps = tuple(decisions(policy, principal, action, place))
    done = all(decision.granted for _, decision in steps)
    return Answer(
        principal, action, place, steps, None if done else partial_right(policy, principal, action, place)
    )


def matrix(policy: Policy) -> tuple[Answer, ...]:
    """
    Every answer, by person, then action, then collection, in the order of each; without openings.

    An action that names no study is asked once, for the studies of no collection.
    """
    return tuple(_answers(policy, policy.principals))


def _answers(policy: Policy, principals: Iterable[Principal]) -> Iterable[Answer]:
    for principal in principals:
        for action in ACTIONS:
            for place in policy.places if action.per_study else (NO_COLLECTION,):
                yield Answer(principal, action, place, tuple(decisions(policy, principal, action, place)))
