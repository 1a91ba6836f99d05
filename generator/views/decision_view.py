"""Decisions for people and for programs: the word first, then every gate with what it needed and found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.access.actions import ACTIONS
from generator.access.model import Effect
from generator.views.console import paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from generator.access.actions import Step
    from generator.access.matrix import Answer, Difference
    from generator.access.model import Decision, Reason
    from generator.access.view import AccessView

_MARKS = {
    Effect.OPENED: ("opened", "green"),
    Effect.CLOSED: ("closed", "red"),
    Effect.PASSED_ON: ("passed on", "dim"),
}


# ------------------------------------------------------------------------------------------------ one decision


def decision_text(who: str, step: Step, decision: Decision, stream: TextIO) -> str:
    """`ALLOW` or `DENY`, the request, and the chain of reasons."""
    word, colour = ("ALLOW", "green") if decision.granted else ("DENY", "red")
    lines = [f"{paint(word, 'bold', colour, stream=stream)}  {who}: {step.method} {step.target}"]
    for number, reason in enumerate(decision.reasons, start=1):
        lines += _reason_lines(number, reason, stream)
    remedy = decision.decisive.remedy
    if not decision.granted and remedy:
        lines.append(f"  to open it: {remedy}")
    return "\n".join(lines)


def _reason_lines(number: int, reason: Reason, stream: TextIO) -> list[str]:
    mark, colour = _MARKS[reason.effect]
    lines = [
        f"  {number}. {reason.gate.value}: {paint(mark, colour, stream=stream)}",
        f"     needs {reason.needed}",
        f"     found {reason.found}",
    ]
    return [*lines, f"     at {reason.location}"] if reason.location is not None else lines


def answer_text(answer: Answer, stream: TextIO) -> str:
    """Whether an action is possible, in one line, and every request that it takes."""
    word, colour = ("ALLOW", "green") if answer.can else ("DENY", "red")
    deed = _deed(answer) if answer.action.per_study else f"{answer.action.name} on the archive"
    head = f"{paint(word, 'bold', colour, stream=stream)}  {answer.person.name}: {deed}"
    parts = [decision_text(answer.person.name, step, decision, stream) for step, decision in answer.steps]
    return "\n\n".join([head, *parts])


def answer_value(answer: Answer) -> dict[str, Any]:
    """An answer as plain values."""
    return {
        "who": answer.person.name,
        "action": answer.action.name,
        "on": answer.place.name or None,
        "can": answer.can,
        "requests": [decision_value(step, decision) for step, decision in answer.steps],
    }


def decision_value(step: Step, decision: Decision) -> dict[str, Any]:
    """A decision as plain values."""
    return {
        "method": step.method,
        "path": step.target,
        "granted": decision.granted,
        "denied_by": decision.denied_by.value if decision.denied_by is not None else None,
        "reasons": [
            {
                "gate": reason.gate.value,
                "effect": reason.effect.value,
                "needed": reason.needed,
                "found": reason.found,
                "location": str(reason.location) if reason.location is not None else None,
                "remedy": reason.remedy or None,
            }
            for reason in decision.reasons
        ],
    }


def json_text(value: object) -> str:
    """JSON as our commands print it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


# -------------------------------------------------------------------------------------------------- the matrix


def matrix_text(view: AccessView, answers: Sequence[Answer], stream: TextIO) -> str:
    """For each person a table of actions and collections; what is nowhere possible is left out."""
    by_key = {answer.key: answer for answer in answers}
    places = [(place.name, place.name or "(none)") for place in view.places]
    width = max(len(action.name) for action in ACTIONS)
    blocks = []
    for person in view.people:
        head = f"{paint(person.name, 'bold', stream=stream)}  {person.title}"
        lines = [head, "  " + " " * width + "".join(f"  {shown}" for _, shown in places)]
        for action in ACTIONS:
            cells = [by_key.get((person.name, action.name, name)) for name, _ in places]
            if not action.per_study:
                cells = [by_key[person.name, action.name, ""]] * len(places)
            if any(cell is not None and cell.can for cell in cells):
                shown = (
                    "  " + _mark(cell, stream) + " " * (len(title) - 3)
                    for cell, (_, title) in zip(cells, places, strict=True)
                )
                lines.append(f"  {action.name:<{width}}{''.join(shown)}".rstrip())
        blocks.append("\n".join(lines if len(lines) > 2 else [head, "  nothing"]))
    return "\n\n".join(blocks)


def _mark(answer: Answer | None, stream: TextIO) -> str:
    return paint("yes", "green", stream=stream) if answer is not None and answer.can else "–  "


def matrix_value(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """The whole matrix as plain values: who, action, on, can, and for a no the request and reason."""
    rows = []
    for answer in answers:
        row: dict[str, Any] = {
            "who": answer.person.name,
            "action": answer.action.name,
            "on": answer.place.name or None,
            "can": answer.can,
        }
        if not answer.can:
            step, decision = answer.decisive
            reason = decision.decisive
            row["request"] = f"{step.method} {step.target}"
            row["gate"], row["needed"], row["found"] = reason.gate.value, reason.needed, reason.found
        rows.append(row)
    return rows


# --------------------------------------------------------------------------------------------- the difference


def difference_text(differences: Sequence[Difference], stream: TextIO) -> str:
    """What each person gains and loses, gains first, and a last line that counts."""
    lines = []
    for gained, sign, colour in ((True, "+", "green"), (False, "-", "red")):
        for difference in differences:
            if difference.gained is gained:
                text = f"{sign} {difference.answer.person.name}: {_deed(difference.answer)}"
                lines.append(paint(text, colour, stream=stream))
    gains = sum(difference.gained for difference in differences)
    if not differences:
        return "No change: everybody can do what they could do before."
    return "\n".join([*lines, f"{gains} gained, {len(differences) - gains} lost."])


def _deed(answer: Answer) -> str:
    if not answer.action.per_study:
        return answer.action.name
    where = f"on `{answer.place.name}`" if answer.place.name else "on studies of no collection"
    return f"{answer.action.name} {where}"


def difference_value(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    """The differences as plain values."""
    return [
        {
            "who": difference.answer.person.name,
            "action": difference.answer.action.name,
            "on": difference.answer.place.name or None,
            "change": "gained" if difference.gained else "lost",
        }
        for difference in differences
    ]
