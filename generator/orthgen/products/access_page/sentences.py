"""Sentences of ACCESS.md: what somebody may do, what an action is, how long a link lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.authz.policy import Kind
from orthgen.formats.markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.authz.actions import Action
    from orthgen.authz.policy import AccessView, Person, Place
    from orthgen.authz.summary import Allowed
    from orthgen.products.access_page.languages.words import AccessTexts

# Days, hours, minutes, seconds: in the order of a language's units.
_SIZES = (86400, 3600, 60, 1)


def listed(words: Sequence[str], texts: AccessTexts) -> str:
    """`view, share and report`."""
    first = ", ".join(words[:-1])
    return f"{first} {texts.conjunction} {words[-1]}" if first else words[-1]


def person_title(person: Person, texts: AccessTexts) -> str:
    """What somebody is called: a role as the profile has it."""
    return escaped(person.title) if person.kind is Kind.ROLE else texts.people[person.name]


def action_meaning(action: Action, texts: AccessTexts) -> str:
    """`**upload**: add objects. It includes *report*: reports are objects`."""
    title, more = texts.actions[action.name]
    text = f"**{action.name}**{texts.colon}{title}"
    if action.includes:
        included = listed([f"*{name}*" for name in action.includes], texts)
        return f"{text}. {texts.includes.format(actions=included, why=more)}"
    return f"{text}. {texts.mind.format(what=more)}" if more else text


def link_life(seconds: int, texts: AccessTexts) -> str:
    """`for 15 days`."""
    if seconds == 0:
        return texts.for_ever
    size, (one, many) = next(
        ((size, units) for size, units in zip(_SIZES, texts.units, strict=True) if seconds % size == 0),
        (1, texts.units[-1]),
    )
    count = seconds // size
    return texts.for_time.format(time=f"{count} {one if count == 1 else many}")


def sentences(view: AccessView, allowed: Sequence[Allowed], texts: AccessTexts) -> list[str]:
    """A sentence for everybody."""
    own: dict[str, list[Allowed]] = {person.name: [] for person in view.people}
    for one in allowed:
        own[one.person.name].append(one)
    return [_sentence(person, own[person.name], view.places, texts) for person in view.people]


def _sentence(
    person: Person, own: Sequence[Allowed], everywhere: tuple[Place, ...], texts: AccessTexts
) -> str:
    """`**Radiologist**: view and report on cardio; upload.`"""
    by_places: dict[tuple[Place, ...], list[str]] = {}
    for one in own:
        if one.places:
            by_places.setdefault(one.places if one.action.per_study else (), []).append(one.action.name)
    clauses = [
        " ".join((listed(actions, texts), _where(person, places, everywhere, texts))).rstrip()
        for places, actions in by_places.items()
    ]
    told = texts.separator.join(clauses) or texts.nothing
    return f"**{person_title(person, texts)}**{texts.colon}{told}."


def _where(
    person: Person, places: tuple[Place, ...], everywhere: tuple[Place, ...], texts: AccessTexts
) -> str:
    if person.holds_link:
        return texts.of_that_study
    if not places:
        return ""
    if places == everywhere:
        return texts.on_every_study
    names = [place.name or texts.of_no_collection for place in places]
    return texts.on.format(places=listed(names, texts))
