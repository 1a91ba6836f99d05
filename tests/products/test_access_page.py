"""ACCESS.md: as short as the profile allows, in the institution's language, with every word in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from orthgen.authz.actions import ACTIONS
from orthgen.products.access_page.languages import TEXTS
from orthgen.products.access_page.model import access_policy
from orthgen.products.access_page.page import access_file
from tests.support.builders import make_deployment

ADMIN = {"can": ["everything", "administer"], "collections": "all"}


def text_of(**parts: Any) -> str:
    """ACCESS.md of the smallest profile with these parts."""
    deployment = make_deployment(**parts)
    return access_file(deployment, access_policy(deployment)).text


def projects(count: int, readers: int) -> str:
    """ACCESS.md of a research archive: many projects, each with a reader, and somebody who sees three of them."""
    roles: dict[str, Any] = {
        f"reader-{number}": {"can": ["view"], "collections": [f"project-{number % count}"]}
        for number in range(readers)
    }
    roles["neighbour"] = {"can": ["view", "download"], "collections": ["project-0", "project-1", "project-2"]}
    roles["admin"] = ADMIN
    return text_of(collections={f"project-{number}": {} for number in range(count)}, roles=roles)


def rows_of(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    table = text.partition(heading)[2].partition("\n#")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("|")
    ][2:]


def test_collections_that_are_alike_share_a_table() -> None:
    """Where everybody can do the same, one table stands for all; studies of no collection have their own."""
    reader = {"can": ["view"], "collections": ["cardio", "neuro"]}
    text = text_of(
        collections={"cardio": {}, "neuro": {}, "trial": {}}, roles={"reader": reader, "admin": ADMIN}
    )

    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == [
        "cardio (`cardio`), neuro (`neuro`)",
        "trial (`trial`)",
        "Studies of no collection",
    ]


def test_many_that_are_alike_stand_below_their_heading() -> None:
    """A heading is no list of twelve collections."""
    text = text_of(collections={f"c{number}": {} for number in range(12)}, roles={"admin": ADMIN})

    assert "### 12 collections\n\nc0 (`c0`), c1 (`c1`), " in text


def test_many_projects_have_a_row_each() -> None:
    """What everybody can do everywhere is told once; then each project is a line that names who can do what there."""
    text = projects(40, 40)
    rows = dict(rows_of(text, "## Studies, by collection"))

    assert rows["project-3 (`project-3`)"] == "Reader 3: view"
    assert rows["project-1 (`project-1`)"] == "Reader 1: view; Neighbour: view and download"
    assert rows["Every study"].startswith("Admin: view, download, report")
    assert rows["Studies of no collection"] == "–"
    assert len(text.splitlines()) < 200


def test_many_people_who_can_do_nothing_share_a_row() -> None:
    """In the tables of a large institution only those stand who can do something there, and everybody else."""
    rows = rows_of(projects(5, 30), "(`project-4`)")

    assert [title for title, *_ in rows] == [
        *(f"Reader {number}" for number in range(4, 30, 5)),
        "Admin",
        "Instant link to a study",
        "Everybody else",
    ]


@pytest.mark.parametrize(
    ("languages", "title"),
    [
        (["fr", "en"], "# Qui peut faire quoi : "),
        (["de-AT"], "# Wer was darf: "),
        (["nl"], "# Wie wat mag: "),
        (["es", "de"], "# Wer was darf: "),
        (["es"], "# Who can do what: "),
    ],
)
def test_it_speaks_the_institutions_language(languages: list[str], title: str) -> None:
    """The first language that there are words for, and English where there is none."""
    institution = {"name": "Trial", "url": "http://localhost", "languages": languages}

    assert text_of(institution=institution).startswith(title)


def _words(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text of a language, by where it stands."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _words(inner, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _words(inner, f"{path}.{index}")


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_every_text(language: str) -> None:
    """Nothing is missing or left in English; what is filled in, and words of the profile, stand in every language."""
    english = dict(_words(msgspec.structs.asdict(TEXTS["en"])))
    words = dict(_words(msgspec.structs.asdict(TEXTS[language])))

    assert set(TEXTS[language].actions) == {action.name for action in ACTIONS}
    assert words.keys() == english.keys()
    for path, text in words.items():
        assert bool(text) is bool(english[path]), path
        assert set(re.findall(r"\{\w+\}|`[^`]+`", text)) == set(
            re.findall(r"\{\w+\}|`[^`]+`", english[path])
        ), path
    long = {path for path, text in words.items() if len(text) > 20}
    assert language == "en" or {path for path in long if words[path] == english[path]} == set()


@pytest.mark.parametrize(
    ("release", "sharing", "life"),
    [
        pytest.param("26.8", "expires-after: 7d", "for 7 days at most", id="the page's own life"),
        pytest.param("26.8", "expires-after: 7d, at-most: 30d", "for 30 days at most", id="a program's life"),
        pytest.param("26.8", "expires-after: 0", "without end if its maker chooses so", id="without end"),
        pytest.param("25.8", "expires-after: 7d, choices: [7d, 21d]", "for 21 days at most", id="a choice"),
    ],
)
def test_the_life_of_a_share_link_is_the_longest_that_it_can_have(
    release: str, sharing: str, life: str
) -> None:
    """Since Orthanc Explorer 2 1.11 nobody chooses on the page; programs may ask for as long as nginx lets them."""
    text = text_of(
        release=f'"{release}"',
        viewers="{stone: {}}",
        sharing=f"{{viewer: stone, {sharing}}}",
        roles="{r: {can: [view, share], collections: all}}",
    )

    assert f"people without an account, {life}. Anybody with the link" in text


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_rights_that_people_may_change_elsewhere_are_named(language: str) -> None:
    """With the permission editor the page is not the whole truth, and says so to the people who approve it."""
    institution = {"name": "T", "url": "http://localhost", "languages": [language]}
    edited, fixed = (
        text_of(
            institution=institution,
            deployment=None,
            identity=f"{{sign-in: [accounts: {{}}], permission-editor: {editor}}}",
            roles={"admin": ADMIN},
        )
        for editor in ("true", "false")
    )

    assert (TEXTS[language].permission_editor in edited, "permission-editor" in fixed) == (True, False)
