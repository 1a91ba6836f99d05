"""Expectations of a profile, checked against the model of the deployment."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from orthgen.authz.actions import ACTIONS_BY_NAME
from orthgen.authz.matrix import Answer, can
from orthgen.authz.model import Reason, Stage
from orthgen.authz.partial_rights import PartialRight
from orthgen.authz.policy import Policy, PrincipalKind
from orthgen.findings import Finding, Location, Rule, Severity

BROKEN_EXPECTATION = Rule(
    "broken-expectation",
    Severity.ERROR,
    summary="The deployment would not do what a sentence of `expectations` says. The finding names the request that shows it, "
    "and the line that decides it.",
    remedy="Change the rights of the role, or the sentence.",
    example="""
        expectations: [{role: staff, cannot: delete}]
    """,
)


class Expectation(Struct, frozen=True):
    """
    The expectation that a person can, or cannot, do an action on a collection.

    `person` is a role or `signed-out`, `instant-link`, `share-link`; `place` a collection, or empty for the
    studies of none. `location` is where the sentence stands.
    """

    principal: str
    action: str
    expected: bool
    place: str
    location: Location


def unmet(policy: Policy, expectations: Iterable[Expectation]) -> tuple[Finding, ...]:
    """
    A finding for every sentence that is not true, with the reason and the lines responsible.

    A sentence about somebody or something that does not exist is passed over: anybody who reads the profile says so.
    Raises `UndecidablePattern`.
    """
    findings = []
    for expectation in expectations:
        principal, place = policy.principal(expectation.principal), policy.place(expectation.place)
        action = ACTIONS_BY_NAME.get(expectation.action)
        if principal is None or place is None or action is None:
            continue
        answer = can(policy, principal, action, place)
        if answer.can is not expectation.expected or (answer.partial_right and not expectation.expected):
            findings.append(_finding(expectation, answer))
    return tuple(findings)


def _finding(expectation: Expectation, answer: Answer) -> Finding:
    where = f" on `{answer.place.name}`" if answer.place.name else " on studies of no collection"
    if answer.partial_right is not None and not expectation.expected:
        return _opened(expectation, answer, answer.partial_right, where)
    verb = "can" if answer.can else "cannot"
    step, decision = answer.decisive
    reason = decision.decisive
    trace = f"{step.method} {_without_uids(step.target)}: {reason.stage.value}"
    if answer.can:
        hint = f"{_change_of(expectation)}: {trace}: {reason.found}"
    else:
        hint = f"{_remedy(answer, reason)}, or change this sentence: {trace}: needs {reason.needed}"
    hint = _without_uids(hint)
    related = ((reason.location, "decided here"),) if reason.location is not None else ()
    message = f"`{answer.principal.name}` {verb} `{answer.action.name}`{where}"
    return Finding(BROKEN_EXPECTATION, message, expectation.location, hint, related=related)


def _change_of(expectation: Expectation) -> str:
    return f"change the rights of `{expectation.principal}`, or this sentence"


def _remedy(answer: Answer, reason: Reason) -> str:
    """What to change in the profile so that the refused request is granted."""
    name, place = answer.principal.name, answer.place.name
    if reason.stage is Stage.LABEL and answer.principal.kind is PrincipalKind.ROLE:
        if place:
            return f"add `{place}` to the `collections` of `{name}` (`all`: every study)"
        return f"give `{name}` every study (`collections: all`)"
    return reason.remedy or f"change the rights of `{name}`"


def _without_uids(text: str) -> str:
    """The text with `…` for each UID: those of the model's studies say nothing to a reader."""
    return re.sub(r"2\.25\.\d+", "…", text)


def _opened(expectation: Expectation, answer: Answer, partial_right: PartialRight, where: str) -> Finding:
    """A `cannot` that does not hold, although not everything that the action usually takes is granted."""
    name, by = answer.action.name, partial_right.action.name
    extent = "a part of " if by == name else ""
    message = f"`{answer.principal.name}` can do {extent}`{name}`{where}"
    if by != name:
        message += f" by `{by}`"
    step, reason = partial_right.step, partial_right.decision.decisive
    trace = f"{step.method} {step.target}, with {step.bearer.value}, is granted: {reason.stage.value}: {reason.found}"
    hint = _without_uids(f"{_change_of(expectation)}: {trace}")
    if by != name:
        hint = f"`{by}` includes `{name}` ({partial_right.action.included}): take `{by}` from the role, or leave the sentence out"
    related = ((reason.location, "decided here"),) if reason.location is not None else ()
    return Finding(BROKEN_EXPECTATION, message, expectation.location, hint, related=related)
