"""ACCESS.md: who can do what on which collection, in words and tables, for the people who have to approve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.access.actions import ACTIONS
from generator.access.summary import Allowed, summary
from generator.documents.artifact import Artifact
from generator.documents.header import header
from generator.documents.jinja import render_template
from generator.documents.markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.access.actions import Action
    from generator.access.view import AccessView, Person, Place
    from generator.deployment.model import Deployment

ACCESS_PATH = "ACCESS.md"

_YES, _NO, _PART = "yes", "–", "in part"
_PER_STUDY = tuple(action.name for action in ACTIONS if action.per_study)
_WHOLE = tuple(action.name for action in ACTIONS if not action.per_study)
# With more people than this, a table names only those who can do something.
_MANY = 20
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
    allowed = summary(view)
    marks = _marks(allowed)
    sharing = deployment.profile.sharing
    text = render_template(
        f"{ACCESS_PATH}.j2",
        header=header(deployment.source, "").replace("\n", " ").strip(),
        institution=escaped(deployment.profile.institution.name),
        plugin=deployment.release.components["authorization"],
        sentences=_sentences(view, allowed),
        tables=[_table(_title(place), view, marks.get(place.name, {}), _PER_STUDY) for place in view.places],
        whole=_table("", view, marks.get("", {}), _WHOLE),
        actions=[_meaning(action) for action in ACTIONS],
        viewers_of_files=_viewers_of_files(deployment, view, allowed),
        has_openings=any(one.otherwise for one in allowed),
        saves_by_link=deployment.ohif is not None and deployment.ohif.saves_by_link,
        instant_life=_span(sharing.instant_links if sharing else 3600),
        share_life=_span(sharing.expires_after) if sharing else None,
    )
    return Artifact(ACCESS_PATH, text)


def _title(place: Place) -> str:
    return f"{escaped(place.title)} (`{place.name}`)" if place.name else place.title


def _viewers_of_files(
    deployment: Deployment, view: AccessView, allowed: Sequence[Allowed]
) -> list[tuple[str, str]]:
    """The viewers that fetch files, each with the roles that may view and to whom they are refused."""
    places = {(one.person.name, one.action.name): one.places for one in allowed}
    refused = [
        escaped(role.title)
        for role in view.roles
        if places[role.name, "view"] and not places[role.name, "download"]
    ]
    viewers = [viewer.name for viewer, _ in deployment.profile.viewers.enabled() if viewer.fetches_files]
    return [(name, _listed(refused)) for name in viewers if refused]


def _meaning(action: Action) -> str:
    """`**upload**: add objects. It includes *report*: reports are objects.`"""
    text = f"**{action.name}**: {action.title}"
    if action.includes:
        return f"{text}. It includes {_listed([f'*{name}*' for name in action.includes])}: {action.included}"
    return f"{text}. Mind: {action.included}" if action.included else text


def _marks(allowed: Sequence[Allowed]) -> dict[str, dict[str, dict[str, str]]]:
    """The mark of each person and action in each place, by the place's name, then the person's; only what there is."""
    marks: dict[str, dict[str, dict[str, str]]] = {}
    for one in allowed:
        name = one.action.name
        for place in one.places:
            marks.setdefault(place.name, {}).setdefault(one.person.name, {})[name] = _YES
        for place, by in one.otherwise:
            mark = _PART if by == name else f"by {by}"
            marks.setdefault(place.name, {}).setdefault(one.person.name, {})[name] = mark
    return marks


def _table(title: str, view: AccessView, marks: dict[str, dict[str, str]], columns: tuple[str, ...]) -> Table:
    """A row for each person; where there are many, those who can do nothing here share one."""
    nothing: dict[str, str] = {}
    shown = view.people
    if len(shown) > _MANY:
        shown = tuple(
            person for person in shown if not marks.get(person.name, nothing).keys().isdisjoint(columns)
        )
    rows = [
        Row(escaped(person.title), tuple(marks.get(person.name, nothing).get(name, _NO) for name in columns))
        for person in shown
    ]
    if len(shown) < len(view.people):
        rows.append(Row("Everybody else", (_NO,) * len(columns)))
    return Table(title, columns, tuple(rows))


def _sentences(view: AccessView, allowed: Sequence[Allowed]) -> list[str]:
    own: dict[str, list[Allowed]] = {person.name: [] for person in view.people}
    for one in allowed:
        own[one.person.name].append(one)
    return [_sentence(person, own[person.name], view.places) for person in view.people]


def _sentence(person: Person, own: Sequence[Allowed], everywhere: tuple[Place, ...]) -> str:
    """`**Radiologist**: view and report on cardio; upload.`"""
    by_places: dict[tuple[Place, ...], list[str]] = {}
    for one in own:
        if one.places:
            by_places.setdefault(one.places if one.action.per_study else (), []).append(one.action.name)
    clauses = [
        _listed(actions) + (" of that study" if person.holds_link else _where(places, everywhere))
        for places, actions in by_places.items()
    ]
    name = f"**{escaped(person.title)}**"
    return f"{name}: {'; '.join(clauses)}." if clauses else f"{name}: nothing."


def _where(places: tuple[Place, ...], everywhere: tuple[Place, ...]) -> str:
    if not places:
        return ""
    if places == everywhere:
        return " on every study"
    return " on " + _listed([place.name or "studies of no collection" for place in places])


def _listed(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _span(seconds: int) -> str:
    if seconds == 0:
        return "ever"
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds % size == 0), _UNITS[-1])
    count = seconds // size
    return f"{count} {unit}{'s' if count != 1 else ''}"
