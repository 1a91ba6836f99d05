"""Reasons of the cells of the page: a sentence in the page's language, and the request that decided, for an engineer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.authz.model import Stage
from orthgen.authz.policy import PrincipalKind

if TYPE_CHECKING:
    from orthgen.authz.matrix import Answer
    from orthgen.authz.policy import Policy
    from orthgen.products.approval_page.languages.words import ApprovalTexts

# Stages whose sentence says everything; of the others an engineer wants the request and what it needed.
_CLEAR = frozenset({Stage.LABEL, Stage.RESOURCE_TOKEN})


class CellReason(Struct, frozen=True):
    """A reason as the page lists it: its number, the sentence, and the deciding request in the model's words."""

    number: int
    sentence: str
    request: str


class Reasons:
    """The reasons of a page, each once, numbered in the order in which they are first needed."""

    def __init__(self, policy: Policy, texts: ApprovalTexts) -> None:
        self._policy = policy
        self._texts = texts
        self._listed: dict[tuple[str, str], CellReason] = {}

    def of(self, answer: Answer) -> CellReason:
        """The reason of an answer."""
        sentence = self._texts.reasons[_kind(self._policy, answer)]
        request = _request(answer)
        return self._listed.setdefault(
            (sentence, request), CellReason(len(self._listed) + 1, sentence, request)
        )

    @property
    def listed(self) -> tuple[CellReason, ...]:
        return tuple(self._listed.values())


REASON_KINDS = (
    "granted-by-link",
    "granted-on-archive",
    "granted-everywhere",
    "granted-on-collection",
    "in-part",
    "by-another-action",
    "no-permission",
    "nobody-signed-in",
    "other-collection",
    "no-collection",
    "guard",
    "not-granted",
)
"""The kinds of reasons, each with a sentence in every language."""


def _kind(policy: Policy, answer: Answer) -> str:
    if answer.can:
        return _kind_of_grant(policy, answer)
    if answer.partial_right is not None:
        return "in-part" if answer.partial_right.action is answer.action else "by-another-action"
    stage = answer.decisive[1].decisive.stage
    if stage is Stage.PERMISSION:
        return "no-permission" if answer.principal.kind is PrincipalKind.ROLE else "nobody-signed-in"
    if stage is Stage.LABEL:
        return "other-collection" if answer.place.labels else "no-collection"
    return "guard" if stage is Stage.GUARD else "not-granted"


def _kind_of_grant(policy: Policy, answer: Answer) -> str:
    if answer.principal.holds_link:
        return "granted-by-link"
    if not answer.action.per_study:
        return "granted-on-archive"
    role = policy.service.roles.get(answer.principal.name)
    sees_everything = role is not None and role.sees_every_label
    return "granted-everywhere" if sees_everything else "granted-on-collection"


def _request(answer: Answer) -> str:
    """`GET /studies/{study}: needs …`; nothing where the sentence says it all."""
    if answer.can or answer.partial_right is not None:
        return ""
    step, decision = answer.decisive
    reason = decision.decisive
    if reason.stage in _CLEAR:
        return ""
    position = [asked for asked, _ in answer.steps].index(step)
    written = (answer.action.by_link if answer.principal.holds_link else answer.action.steps)[position]
    return f"{written.method} {written.target}: needs {reason.needed}"
