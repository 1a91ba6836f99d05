"""Rights of people, and gains and losses between two states, as text, JSON and Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET
from msgspec.structs import replace

from orthgen.authz.actions import ACTIONS
from orthgen.formats.markdown import escaped
from orthgen.report.console import paint
from orthgen.report.decision import action_on_place
from orthgen.report.rights_forms import DifferenceForm, RightForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from orthgen.authz.difference import Renamed, RightsDifference
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


def matrix_forms(answers: Iterable[Answer], allowed: Iterable[Allowed]) -> list[RightForm]:
    """
    The whole matrix for JSON; a denied action with its request and reason.

    `by` is the action by which it can be done all the same, the action itself for a part of it.
    """
    others = {
        (answer.principal.name, answer.action.name, place.name): by
        for answer in allowed
        for place, by in answer.otherwise
    }
    return [_right_form(answer, others.get(answer.key)) for answer in answers]


def _right_form(answer: Answer, by: str | None) -> RightForm:
    form = RightForm(
        who=answer.principal.name,
        action=answer.action.name,
        on=answer.place.name or None,
        can=answer.can,
    )
    if answer.can:
        return form
    request, decision = answer.decisive
    reason = decision.decisive
    return replace(
        form,
        request=f"{request.method} {request.target}",
        stage=reason.stage.value,
        needed=reason.needed,
        found=reason.found,
        by=by,
    )


# --------------------------------------------------------------------------------------------- the difference


def difference_text(differences: Sequence[RightsDifference], stream: TextIO, renamed: Renamed) -> str:
    """Which roles and collections have other names, what each person gains and loses, gains first, and a last line that counts."""
    lines = [f"= {new}: was called {old}" for old, new in _names(renamed)]
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


def difference_markdown(differences: Sequence[RightsDifference], renamed: Renamed) -> str:
    """The same as a table for a review, where a sign at the beginning of a line would be a bullet."""
    rows = [f"| is called | {escaped(new)} | before: {escaped(old)} |" for old, new in _names(renamed)]
    rows += [
        f"| {'gains' if difference.gained else 'loses'} | {escaped(difference.principal.name)} | {action_on_place(difference)}{_extent(difference)} |"
        for difference in sorted(differences, key=lambda difference: not difference.gained)
    ]
    gains = sum(difference.gained for difference in differences)
    if not rows:
        return "No change: everybody can do what they could do before."
    head = ["| | who | what |", "|---|---|---|"]
    return "\n".join([*head, *rows, "", f"{gains} gained, {len(differences) - gains} lost."])


def _names(renamed: Renamed) -> Iterator[tuple[str, str]]:
    """Renamed roles, then renamed collections, with old and new name."""
    yield from renamed.roles.items()
    yield from renamed.collections.items()


def _extent(difference: RightsDifference) -> str:
    if difference.by == difference.action.name:
        return ", in part"
    return f", by `{difference.by}`" if difference.by else ""


def difference_forms(differences: Iterable[RightsDifference], renamed: Renamed) -> list[DifferenceForm]:
    """The differences for JSON; `by` where the action is not done as a whole."""
    return [
        *(DifferenceForm(change="renamed", who=new, before=old) for old, new in renamed.roles.items()),
        *(DifferenceForm(change="renamed", on=new, before=old) for old, new in renamed.collections.items()),
        *(
            DifferenceForm(
                change="gained" if difference.gained else "lost",
                who=difference.principal.name,
                action=difference.action.name,
                on=difference.place.name or None,
                by=difference.by or UNSET,
            )
            for difference in differences
        ),
    ]
