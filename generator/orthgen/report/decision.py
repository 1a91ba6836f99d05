"""Decisions as text, JSON and Markdown: the answer first, then each stage with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.authz.actions import ACTIONS
from orthgen.authz.difference import NOTHING_RENAMED
from orthgen.authz.model import Effect
from orthgen.formats.markdown import escaped
from orthgen.report.console import paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from orthgen.authz.actions import Step
    from orthgen.authz.difference import Difference, Renamed
    from orthgen.authz.matrix import Answer
    from orthgen.authz.model import Decision, Reason
    from orthgen.authz.policy import Policy
    from orthgen.authz.summary import Allowed

_COLOURS = {Effect.ALLOWED: "green", Effect.DENIED: "red", Effect.PASSED: "dim"}


# ------------------------------------------------------------------------------------------------ one decision


def decision_text(who: str, step: Step, decision: Decision, stream: TextIO) -> str:
    """`ALLOW` or `DENY`, the request, and the chain of reasons."""
    word, colour = ("ALLOW", "green") if decision.granted else ("DENY", "red")
    lines = [f"{paint(word, 'bold', colour, stream=stream)}  {who}: {step.method} {step.target}"]
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
    deed = _deed(answer) if answer.action.per_study else f"{answer.action.name} on the archive"
    head = f"{paint(word, 'bold', colour, stream=stream)}  {answer.principal.name}: {deed}"
    parts = [decision_text(answer.principal.name, step, decision, stream) for step, decision in answer.steps]
    if answer.partial_right is not None:
        by, step = answer.partial_right.action.name, answer.partial_right.step
        name = "a part of it" if by == answer.action.name else f"by `{by}`"
        parts.append(
            f"Yet {name} is possible: {step.method} {step.target}, with {step.bearer.value}, is granted."
        )
    return "\n\n".join([head, *parts])


def answer_value(answer: Answer) -> dict[str, Any]:
    """An answer as plain values."""
    return {
        "who": answer.principal.name,
        "action": answer.action.name,
        "on": answer.place.name or None,
        "can": answer.can,
        "by": answer.partial_right.action.name if answer.partial_right is not None else None,
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
                "stage": reason.stage.value,
                "effect": reason.effect.value,
                "needed": reason.needed,
                "found": reason.found,
                "location": str(reason.location) if reason.location is not None else None,
                "remedy": reason.remedy or None,
            }
            for reason in decision.reasons
        ],
    }


# -------------------------------------------------------------------------------------------------- the matrix


def matrix_text(policy: Policy, allowed: Iterable[Allowed], stream: TextIO) -> str:
    """For each person a table of actions and collections; what is nowhere possible is left out."""
    marks = _marks(allowed)
    places = [(place.name, place.name or "(none)") for place in policy.places]
    width = max(len(action.name) for action in ACTIONS)
    blocks = []
    for principal in policy.principals:
        head = f"{paint(principal.name, 'bold', stream=stream)}  {principal.title}"
        lines = [head, "  " + " " * width + "".join(f"  {shown}" for _, shown in places)]
        for action in ACTIONS:
            row = [
                marks.get((principal.name, action.name, name if action.per_study else ""), "–")
                for name, _ in places
            ]
            if set(row) != {"–"}:
                shown = (
                    "  " + _painted(mark, stream) + " " * (len(title) - len(mark))
                    for mark, (_, title) in zip(row, places, strict=True)
                )
                lines.append(f"  {action.name:<{width}}{''.join(shown)}".rstrip())
        blocks.append("\n".join(lines if len(lines) > 2 else [head, "  nothing"]))
    if "part" in marks.values():
        blocks.append(
            "part: not all that the action usually takes, or by another action (`--format markdown` says which)"
        )
    blocks.append("(none): studies of no collection; –: not possible")
    return "\n\n".join(blocks)


def _marks(allowed: Iterable[Allowed]) -> dict[tuple[str, str, str], str]:
    """`yes`, or `part`, by person, action and place; what is not possible is left out."""
    marks = {}
    for answer in allowed:
        for mark, places in (("yes", answer.places), ("part", [place for place, _ in answer.otherwise])):
            marks.update({(answer.principal.name, answer.action.name, place.name): mark for place in places})
    return marks


def _painted(mark: str, stream: TextIO) -> str:
    colour = {"yes": "green", "part": "yellow"}.get(mark)
    return paint(mark, colour, stream=stream) if colour else mark


def matrix_value(answers: Iterable[Answer], allowed: Iterable[Allowed]) -> list[dict[str, Any]]:
    """
    The whole matrix as plain values: who, action, on, can, and for a no the request and reason.

    `by` is the action by which it can be done all the same, the action itself for a part of it.
    """
    others = {
        (answer.principal.name, answer.action.name, place.name): by
        for answer in allowed
        for place, by in answer.otherwise
    }
    rows = []
    for answer in answers:
        row: dict[str, Any] = {
            "who": answer.principal.name,
            "action": answer.action.name,
            "on": answer.place.name or None,
            "can": answer.can,
        }
        if not answer.can:
            step, decision = answer.decisive
            reason = decision.decisive
            row["request"] = f"{step.method} {step.target}"
            row["stage"], row["needed"], row["found"] = reason.stage.value, reason.needed, reason.found
            row["by"] = others.get(answer.key)
        rows.append(row)
    return rows


# --------------------------------------------------------------------------------------------- the difference


def difference_text(
    differences: Sequence[Difference], stream: TextIO, renamed: Renamed = NOTHING_RENAMED
) -> str:
    """Which roles and collections have other names, what each person gains and loses, gains first, and a last line that counts."""
    lines = [f"= {new}: was called {old}" for _, old, new in _names(renamed)]
    for gained, sign, colour in ((True, "+", "green"), (False, "-", "red")):
        for difference in differences:
            if difference.gained is gained:
                text = f"{sign} {difference.principal.name}: {_deed(difference)}{_extent(difference)}"
                lines.append(paint(text, colour, stream=stream))
    gains = sum(difference.gained for difference in differences)
    if not differences:
        return "\n".join([*lines, "No change: everybody can do what they could do before."])
    return "\n".join([*lines, f"{gains} gained, {len(differences) - gains} lost."])


def difference_markdown(differences: Sequence[Difference], renamed: Renamed = NOTHING_RENAMED) -> str:
    """The same as a table for a review, where a sign at the beginning of a line would be a bullet."""
    rows = [f"| is called | {escaped(new)} | before: {escaped(old)} |" for _, old, new in _names(renamed)]
    rows += [
        f"| {'gains' if difference.gained else 'loses'} | {escaped(difference.principal.name)} | {_deed(difference)}{_extent(difference)} |"
        for difference in sorted(differences, key=lambda difference: not difference.gained)
    ]
    gains = sum(difference.gained for difference in differences)
    if not rows:
        return "No change: everybody can do what they could do before."
    head = ["| | who | what |", "|---|---|---|"]
    return "\n".join([*head, *rows, "", f"{gains} gained, {len(differences) - gains} lost."])


def _names(renamed: Renamed) -> Iterator[tuple[str, str, str]]:
    """Renamed roles (`who`), then renamed collections (`on`), with old and new name."""
    for what, names in (("who", renamed.roles), ("on", renamed.collections)):
        yield from ((what, old, new) for old, new in names.items())


def _deed(told: Answer | Difference) -> str:
    if not told.action.per_study:
        return told.action.name
    where = f"on `{told.place.name}`" if told.place.name else "on studies of no collection"
    return f"{told.action.name} {where}"


def _extent(difference: Difference) -> str:
    if difference.by == difference.action.name:
        return ", in part"
    return f", by `{difference.by}`" if difference.by else ""


def difference_value(
    differences: Iterable[Difference], renamed: Renamed = NOTHING_RENAMED
) -> list[dict[str, Any]]:
    """The differences as plain values; `by` where the action is not done as a whole."""
    names = [{what: new, "change": "renamed", "from": old} for what, old, new in _names(renamed)]
    return names + [
        {
            "who": difference.principal.name,
            "action": difference.action.name,
            "on": difference.place.name or None,
            "change": "gained" if difference.gained else "lost",
            **({"by": difference.by} if difference.by else {}),
        }
        for difference in differences
    ]
