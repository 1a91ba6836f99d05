"""Decisions as text and JSON: the answer first, then each stage with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.authz.model import Effect
from orthgen.report.console import paint
from orthgen.report.decision_forms import AnswerForm, DecisionForm, ReasonForm

if TYPE_CHECKING:
    from typing import TextIO

    from orthgen.authz.actions import ActionRequest
    from orthgen.authz.difference import RightsDifference
    from orthgen.authz.matrix import Answer
    from orthgen.authz.model import Decision, Reason

_COLOURS = {Effect.ALLOWED: "green", Effect.DENIED: "red", Effect.PASSED: "dim"}


def decision_text(who: str, request: ActionRequest, decision: Decision, stream: TextIO) -> str:
    """`ALLOW` or `DENY`, the request, and the chain of reasons."""
    word, colour = ("ALLOW", "green") if decision.granted else ("DENY", "red")
    lines = [f"{paint(word, 'bold', colour, stream=stream)}  {who}: {request.method} {request.target}"]
    for number, reason in enumerate(decision.reasons, start=1):
        lines += _reason_lines(number, reason, stream)
    remedy = decision.decisive.remedy
    if not decision.granted and remedy:
        lines.append(f"  to allow it: {remedy}")
    return "\n".join(lines)


def _reason_lines(number: int, reason: Reason, stream: TextIO) -> list[str]:
    effect = paint(reason.effect.value, _COLOURS[reason.effect], stream=stream)
    lines = [
        f"  {number}. {reason.stage.value}: {effect}",
        f"     needs {reason.needed}",
        f"     found {reason.found}",
    ]
    return [*lines, f"     at {reason.location}"] if reason.location is not None else lines


def answer_text(answer: Answer, stream: TextIO) -> str:
    """Whether an action is possible, in one line, and every request that it takes."""
    word, colour = ("ALLOW", "green") if answer.can else ("DENY", "red")
    what = action_on_place(answer) if answer.action.per_study else f"{answer.action.name} on the archive"
    head = f"{paint(word, 'bold', colour, stream=stream)}  {answer.principal.name}: {what}"
    parts = [
        decision_text(answer.principal.name, request, decision, stream) for request, decision in answer.steps
    ]
    if answer.partial_right is not None:
        by, request = answer.partial_right.action.name, answer.partial_right.step
        name = "a part of it" if by == answer.action.name else f"by `{by}`"
        parts.append(
            f"Yet {name} is possible: {request.method} {request.target}, with {request.bearer.value}, is granted."
        )
    return "\n\n".join([head, *parts])


def action_on_place(compared: Answer | RightsDifference) -> str:
    """An action and the collection that it is done on: ``view on `cardio` ``."""
    if not compared.action.per_study:
        return compared.action.name
    where = f"on `{compared.place.name}`" if compared.place.name else "on studies of no collection"
    return f"{compared.action.name} {where}"


def answer_form(answer: Answer) -> AnswerForm:
    """An answer for JSON."""
    return AnswerForm(
        who=answer.principal.name,
        action=answer.action.name,
        on=answer.place.name or None,
        can=answer.can,
        by=answer.partial_right.action.name if answer.partial_right is not None else None,
        requests=tuple(decision_form(request, decision) for request, decision in answer.steps),
    )


def decision_form(request: ActionRequest, decision: Decision) -> DecisionForm:
    """A decision for JSON."""
    return DecisionForm(
        method=request.method,
        path=request.target,
        granted=decision.granted,
        denied_by=decision.denied_by.value if decision.denied_by is not None else None,
        reasons=tuple(
            ReasonForm(
                stage=reason.stage.value,
                effect=reason.effect.value,
                needed=reason.needed,
                found=reason.found,
                location=str(reason.location) if reason.location is not None else None,
                remedy=reason.remedy or None,
            )
            for reason in decision.reasons
        ),
    )
