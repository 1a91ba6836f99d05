"""Tables of ACCESS.md: a row for each person, or, of many collections, a row for each collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.authz.actions import ACTIONS
from orthgen.authz.policy import NO_COLLECTION, Place, Principal
from orthgen.formats.markdown import escaped
from orthgen.products.access_page.sentences import listed, person_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.authz.policy import Policy
    from orthgen.authz.summary import Allowed
    from orthgen.products.access_page.languages.words import AccessTexts

NO = "–"
"""The mark of an action of which nothing is granted."""
_PER_STUDY = tuple(action.name for action in ACTIONS if action.per_study)
_WHOLE = tuple(action.name for action in ACTIONS if not action.per_study)
# With more people than this, a table names only those who can do something.
_MAX_LISTED_PEOPLE = 20
# More tables than this nobody compares: a row for each collection says it shorter.
_MAX_TABLES = 6
# More collections than this stand below the heading that they share.
_MAX_PLACES_IN_HEADING = 3

# The mark of each action, by the person's name.
_Marks = dict[str, dict[str, str]]


class Row(Struct, frozen=True):
    """A row of a table; `principal` is the one person that it is about, where that is so."""

    title: str
    cells: tuple[str, ...]
    principal: Principal | None = None


class Table(Struct, frozen=True):
    """
    A table of actions, with a row for each person; `places` lists its collections where many share it.

    `example` is one of the collections: everybody can do the same on the others.
    """

    title: str
    places: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    example: Place = NO_COLLECTION


def studies_in_tables(
    policy: Policy, allowed: Sequence[Allowed], texts: AccessTexts
) -> tuple[Table, ...] | None:
    """A table for collections on which everybody can do the same; None where that takes too many."""
    alike = _alike(policy, _marks(allowed, texts))
    if len(alike) > _MAX_TABLES:
        return None
    return tuple(_table(places, policy, marks, _PER_STUDY, texts) for places, marks in alike)


def studies_in_rows(policy: Policy, allowed: Sequence[Allowed], texts: AccessTexts) -> tuple[Row, ...]:
    """A row for collections on which everybody can do the same; first what people can do everywhere."""
    alike = _alike(policy, _marks(allowed, texts))
    everywhere = {
        principal.name: own
        for principal in policy.principals
        if (own := alike[0][1].get(principal.name))
        and all(marks.get(principal.name) == own for _, marks in alike)
    }
    rows = [Row(texts.everywhere, (_people_and_actions(policy, everywhere, texts),))] if everywhere else []
    for places, marks in alike:
        others = {name: own for name, own in marks.items() if name not in everywhere}
        titles = ", ".join(_title(place, texts) for place in places)
        rows.append(Row(titles, (_people_and_actions(policy, others, texts),)))
    return tuple(rows)


def whole_archive(policy: Policy, allowed: Sequence[Allowed], texts: AccessTexts) -> Table:
    """The table of the actions that name no study."""
    return _table((), policy, _marks(allowed, texts).get("", {}), _WHOLE, texts)


def _alike(policy: Policy, marks: dict[str, _Marks]) -> list[tuple[tuple[Place, ...], _Marks]]:
    """The places in groups of the same marks, each with them; studies of no collection by themselves."""
    groups: list[tuple[tuple[Place, ...], _Marks]] = []
    index: dict[object, int] = {}
    for place in policy.places:
        own = {
            principal: studies
            for principal, by_action in marks.get(place.name, {}).items()
            if (studies := {name: mark for name, mark in by_action.items() if name in _PER_STUDY})
        }
        key = (
            bool(place.name),
            frozenset((principal, *sorted(studies.items())) for principal, studies in own.items()),
        )
        if key in index:
            places, same = groups[index[key]]
            groups[index[key]] = ((*places, place), same)
        else:
            index[key] = len(groups)
            groups.append(((place,), own))
    return groups


def _marks(allowed: Sequence[Allowed], texts: AccessTexts) -> dict[str, _Marks]:
    """The marks in each place, by the place's name; only what there is."""
    marks: dict[str, _Marks] = {}
    for rights in allowed:
        name = rights.action.name
        for place in rights.places:
            marks.setdefault(place.name, {}).setdefault(rights.principal.name, {})[name] = texts.yes
        for place, by in rights.otherwise:
            mark = texts.in_part if by == name else texts.by.format(action=by)
            marks.setdefault(place.name, {}).setdefault(rights.principal.name, {})[name] = mark
    return marks


def _table(
    places: Sequence[Place], policy: Policy, marks: _Marks, columns: tuple[str, ...], texts: AccessTexts
) -> Table:
    """A row for each person; where there are many, those who can do nothing here share one."""
    shown = policy.principals
    if len(shown) > _MAX_LISTED_PEOPLE:
        shown = tuple(
            principal for principal in shown if not marks.get(principal.name, {}).keys().isdisjoint(columns)
        )
    rows = [_row(principal, marks.get(principal.name, {}), columns, texts) for principal in shown]
    if len(shown) < len(policy.principals):
        rows.append(Row(texts.everybody_else, (NO,) * len(columns)))
    titles = ", ".join(_title(place, texts) for place in places)
    example = next(iter(places), NO_COLLECTION)
    if len(places) > _MAX_PLACES_IN_HEADING:
        return Table(texts.collections.format(count=len(places)), titles, columns, tuple(rows), example)
    return Table(titles, "", columns, tuple(rows), example)


def _row(principal: Principal, marks: dict[str, str], columns: Sequence[str], texts: AccessTexts) -> Row:
    return Row(person_title(principal, texts), tuple(marks.get(name, NO) for name in columns), principal)


def _title(place: Place, texts: AccessTexts) -> str:
    if not place.name:
        return texts.of_no_collection[0].upper() + texts.of_no_collection[1:]
    return f"{escaped(place.title)} (`{place.name}`)"


def _people_and_actions(policy: Policy, marks: _Marks, texts: AccessTexts) -> str:
    """People with their actions: `Reader: view; Neighbour: view and download (in part)`."""
    clauses = [
        f"{person_title(principal, texts)}{texts.colon}{_actions(marks[principal.name], texts)}"
        for principal in policy.principals
        if marks.get(principal.name)
    ]
    return texts.separator.join(clauses) or NO


def _actions(marks: dict[str, str], texts: AccessTexts) -> str:
    names = [name for name in _PER_STUDY if name in marks]
    return listed([name if marks[name] == texts.yes else f"{name} ({marks[name]})" for name in names], texts)
