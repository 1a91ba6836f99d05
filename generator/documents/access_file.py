"""ACCESS.md: who can do what on which collection, in words and tables, for the people who have to approve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.access.actions import ACTIONS
from generator.access.matrix import Answer, matrix
from generator.documents.artifact import Artifact
from generator.documents.header import header
from generator.documents.jinja import render_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.access.view import AccessView, Person, Place
    from generator.deployment.model import Deployment

ACCESS_PATH = "ACCESS.md"

_YES, _NO = "yes", "–"
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class Row(Struct, frozen=True):
    """One person in a table: a mark for each action."""

    title: str
    marks: tuple[str, ...]


class Table(Struct, frozen=True):
    """One table: its actions, and a row for each person."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def access_file(deployment: Deployment, view: AccessView) -> Artifact:
    """ACCESS.md of a deployment, as the model sees it."""
    answers = matrix(view)
    sharing = deployment.profile.sharing
    text = render_template(
        f"{ACCESS_PATH}.j2",
        header=header(deployment.source, "").replace("\n", " ").strip(),
        institution=_cell(deployment.profile.institution.name),
        plugin=deployment.release.components["authorization"],
        sentences=[_sentence(person, answers) for person in view.people],
        tables=[_table(place, view, answers) for place in view.places],
        whole=_whole(view, answers),
        actions=ACTIONS,
        saves_by_link=deployment.ohif is not None and deployment.ohif.saves_by_link,
        instant_life=_span(sharing.instant_links if sharing else 3600),
        share_life=_span(sharing.expires_after) if sharing else None,
    )
    return Artifact(ACCESS_PATH, text)


def _table(place: Place, view: AccessView, answers: Sequence[Answer]) -> Table:
    chosen = [answer for answer in answers if answer.action.per_study and answer.place == place]
    title = f"{_cell(place.title)} (`{place.name}`)" if place.name else place.title
    return _of(title, view, chosen)


def _whole(view: AccessView, answers: Sequence[Answer]) -> Table:
    return _of("", view, [answer for answer in answers if not answer.action.per_study])


def _of(title: str, view: AccessView, answers: Sequence[Answer]) -> Table:
    columns = tuple(dict.fromkeys(answer.action.name for answer in answers))
    rows = tuple(
        Row(
            _cell(person.title),
            tuple(_YES if answer.can else _NO for answer in answers if answer.person == person),
        )
        for person in view.people
    )
    return Table(title, columns, rows)


def _sentence(person: Person, answers: Iterable[Answer]) -> str:
    """`**Radiologist**: view and report on cardio; upload.`"""
    own = [answer for answer in answers if answer.person == person]
    places = list(dict.fromkeys(answer.place for answer in own))
    by_places: dict[tuple[str, ...], list[str]] = {}
    for action in ACTIONS:
        where = tuple(answer.place.name for answer in own if answer.action == action and answer.can)
        if where:
            key = where if action.per_study else ("*",)
            by_places.setdefault(key, []).append(action.name)
    everywhere = tuple(place.name for place in places)
    clauses = [
        _listed(actions) + (" of that study" if person.holds_link else _where(key, everywhere))
        for key, actions in by_places.items()
    ]
    name = f"**{_cell(person.title)}**"
    return f"{name}: {'; '.join(clauses)}." if clauses else f"{name}: nothing."


def _where(key: tuple[str, ...], everywhere: tuple[str, ...]) -> str:
    if key == ("*",):
        return ""
    if key == everywhere:
        return " on every study"
    return " on " + _listed([name or "studies of no collection" for name in key])


def _listed(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _span(seconds: int) -> str:
    if seconds == 0:
        return "ever"
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'s' if count != 1 else ''}"


def _cell(text: str) -> str:
    """People's own words in a Markdown table: a bar would end the cell, a tag would be one."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
