"""Rights of people, and gains and losses between two states, as text, JSON and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.authz.actions import ACTIONS
from orthgen.formats.markdown import escaped
from orthgen.report.console import paint
from orthgen.report.decision import action_on_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from orthgen.authz.difference import Difference, Renamed
    from orthgen.authz.matrix import Answer
    from orthgen.authz.policy import Policy
    from orthgen.authz.summary import Allowed


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


def difference_text(differences: Sequence[Difference], stream: TextIO, renamed: Renamed) -> str:
    """Which roles and collections have other names, what each person gains and loses, gains first, and a last line that counts."""
    lines = [f"= {new}: was called {old}" for _, old, new in _names(renamed)]
    for gained, sign, colour in ((True, "+", "green"), (False, "-", "red")):
        for difference in differences:
            if difference.gained is gained:
                text = (
                    f"{sign} {difference.principal.name}: {action_on_place(difference)}{_extent(difference)}"
                )
                lines.append(paint(text, colour, stream=stream))
    gains = sum(difference.gained for difference in differences)
    if not differences:
        return "\n".join([*lines, "No change: everybody can do what they could do before."])
    return "\n".join([*lines, f"{gains} gained, {len(differences) - gains} lost."])


def difference_markdown(differences: Sequence[Difference], renamed: Renamed) -> str:
    """The same as a table for a review, where a sign at the beginning of a line would be a bullet."""
    rows = [f"| is called | {escaped(new)} | before: {escaped(old)} |" for _, old, new in _names(renamed)]
    rows += [
        f"| {'gains' if difference.gained else 'loses'} | {escaped(difference.principal.name)} | {action_on_place(difference)}{_extent(difference)} |"
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


def _extent(difference: Difference) -> str:
    if difference.by == difference.action.name:
        return ", in part"
    return f", by `{difference.by}`" if difference.by else ""


def difference_value(differences: Iterable[Difference], renamed: Renamed) -> list[dict[str, Any]]:
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
