"""A text that a finding proposes is one that validates where it is proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthgen.errors import ProfileError
from orthgen.findings import Severity
from orthgen.profile.load import load
from tests.support.builders import PROFILES
from tests.support.proposals import (
    paths,
    proposal,
    read,
    value_at,
    with_key,
    with_proposal,
    with_value,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path as FilePath

    from orthgen.findings import Finding
    from tests.support.proposals import Path

# The three that together have every part of the language.
TREES = {
    name: read((PROFILES / name).read_text(encoding="utf-8"))
    for name in ("paradim.yaml", "research-platform.yaml", "teaching-hospital.yaml")
}


def findings_of(folder: FilePath, tree: Any) -> list[Finding]:
    """Every finding of a profile."""
    file = folder / "profile.yaml"
    file.write_text(written(tree), encoding="utf-8")
    try:
        return list(load(str(file)).warnings)
    except ProfileError as error:
        return list(error.findings)


# ------------------------------------------------------------------------------------- slips of an author's hand


def _in_other_letters(value: Any) -> Any:
    return value.capitalize() if isinstance(value, str) else None


def _without_last_letter(value: Any) -> Any:
    return value[:-1] if isinstance(value, str) and len(value) > 3 else None


def _without_brackets(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) and value and isinstance(value[0], str) else None


def _without_brackets_in_capitals(value: Any) -> Any:
    return value[0].upper() if isinstance(value, list) and value and isinstance(value[0], str) else None


def _without_dash(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def _in_other_truth_words(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else None


def _as_a_list_of_keys(value: Any) -> Any:
    return list(value) if isinstance(value, dict) and value else None


SLIPS: list[Callable[[Any], Any]] = [
    _in_other_letters,
    _without_last_letter,
    _without_brackets,
    _without_brackets_in_capitals,
    _without_dash,
    _in_other_truth_words,
]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.__name__.strip("_"))
@pytest.mark.parametrize("name", TREES)
def test_a_slip_is_mended_by_its_hint(tmp_path: FilePath, name: str, slip: Callable[[Any], Any]) -> None:
    """Each value of a profile is written as an author may slip; each hint with a text to write corrects its slip."""
    tree = TREES[name]
    for path in reversed(list(paths(tree))):  # the parts before their parent, so that every path stays
        value = slip(value_at(tree, path))
        if value is not None and path != ("institution", "url"):
            tree = with_value(tree, path, value)

    assert _refused(tmp_path, tree) == []


@pytest.mark.parametrize("name", TREES)
def test_a_name_in_capitals_is_mended_by_its_hint(tmp_path: FilePath, name: str) -> None:
    """Each key of a profile in other letters is one that its hint corrects; inner keys first, which keep their path."""
    tree = TREES[name]
    depth = 3
    for path in paths(tree):
        if isinstance(path[-1], str) and len(path) == depth:
            tree = with_key(tree, path, path[-1].capitalize())

    assert _refused(tmp_path, tree) == []


def _refused(folder: FilePath, tree: Any) -> list[str]:
    """Hints whose text is refused after an author wrote it; all hints are followed together."""
    proposals = [
        (finding, text) for finding in findings_of(folder, tree) if (text := proposal(finding)) is not None
    ]
    corrected = tree
    for finding, text in proposals:
        corrected = with_proposal(corrected, finding, text)
    errors = [each for each in findings_of(folder, corrected) if each.severity is Severity.ERROR]
    return [
        f"{'.'.join(map(str, finding.path))}: {finding.message}; {finding.hint} -> {error.message}; {error.hint}"
        for finding, _ in proposals
        for error in errors
        if error.path[: len(finding.path)] == finding.path
    ]


# ------------------------------------------------------------------------------------------------- single hints

GOOD: dict[str, Any] = {
    "orthgen": 1,
    "institution": {"name": "Test", "url": "https://pacs.example.org"},
    "identity": {"sign-in": [{"accounts": {}}], "keycloak": {"local-port": 8081}},
    "collections": {"cardio": {}},
    "roles": {"reader": {"can": ["view"], "collections": ["cardio"]}},
    "deployment": {"tls": {"certificate": "cert.pem", "key": "key.pem"}},
}


@pytest.mark.parametrize(
    ("path", "value", "hint"),
    [
        (("roles", "reader", "can"), "Everything", "write it in brackets: `[everything]`"),
        (("roles", "reader", "can"), "view, download", "write it in brackets: `[view, download]`"),
        (("roles", "reader", "can"), "view download", "write it in brackets: `[view, download]`"),
        (("roles", "reader", "can"), "nonsense", "write its items in brackets; known here: `view`, "),
        (("roles", "reader", "can"), None, "write its items in brackets"),
        (("roles", "reader", "collections"), "All", "write `all`"),
        (("roles", "reader", "collections"), ["all"], "write `collections: all`, without brackets"),
        (("roles", "reader", "collections"), "Cardio", "write it in brackets: `[cardio]`"),
        (
            ("roles", "reader", "collections"),
            "other",
            "write `all`, the names of collections in brackets, or `[]`",
        ),
        (("roles", "reader", "granted-by"), "readers", "write it in brackets: `[{group: /readers}]`"),
        (("roles", "reader", "granted-by"), {"Group": "/x"}, "write it as a list: `[{group: /x}]`"),
        (("roles", "reader", "granted-by"), {"entra": "x"}, "write its items in brackets"),
        (("institution", "languages"), "DE", "write it in brackets: `[de]`"),
        (("institution", "languages"), None, "write its items in brackets, or remove the key"),
        (("institution", "paths"), {"orthanc": "/Orthanc"}, "write `/orthanc/`"),
        (("deployment", "tls"), None, "write its keys below it (`certificate:`, `key:`, "),
        (("deployment",), ["compose"], "write `deployment: {compose: {}}`"),
        (("deployment",), ["tls"], "write its keys below it (`tls`), or remove `deployment`"),
        (("collections", "cardio", "gather"), "CARDIO", "write it in brackets: `[{called-aet: CARDIO}]`"),
        (("collections", "cardio", "gather"), "a, b: c", "write it in brackets: `[{called-aet: "),
        (("roles",), "reader", "write a name and its value in each line below it"),
        (("roles",), {}, "add one: `roles: {staff: {can: [view], collections: all}}`"),
    ],
)
def test_a_hint_names_only_a_text_that_validates(
    tmp_path: FilePath, path: Path, value: Any, hint: str
) -> None:
    """A hint names a text to write only where that text validates."""
    tree = with_value(GOOD, path, value)

    findings = [each for each in findings_of(tmp_path, tree) if each.path[: len(path)] == path]

    assert findings[0].hint.startswith(hint)
    assert _refused(tmp_path, tree) == []


def test_warnings_of_one_role_are_confirmed_by_one_line(tmp_path: FilePath) -> None:
    """Rights of a limited role that reach every study are confirmed together, whichever hint is followed."""
    tree = with_value(GOOD, ("roles", "reader", "can"), ["view", "upload", "download", "settings"])
    tree = with_value(tree, ("roles", "admin"), {"can": ["view"], "collections": "all"})
    warnings = findings_of(tmp_path, tree)

    lines = {proposal(warning) for warning in warnings}

    assert {warning.rule.id for warning in warnings} == {"right-beyond-collections", "merged-roles"}
    assert lines == {"beyond-collections: [upload, download, settings]"}
    assert findings_of(tmp_path, with_proposal(tree, warnings[0], lines.pop() or "")) == []


@pytest.mark.parametrize("host", ["pacs.example.org", "10.1.2.3"])
def test_a_plain_address_is_mended_by_its_hints(tmp_path: FilePath, host: str) -> None:
    """An http address needs https and TLS: the hint names both."""
    tree = {**with_value(GOOD, ("institution", "url"), f"http://{host}"), "deployment": {}}
    (finding,) = findings_of(tmp_path, tree)

    corrected = with_proposal(tree, finding, proposal(finding) or "")

    assert finding.hint.endswith("`deployment: {tls: {own-authority: {}}}`")
    assert findings_of(tmp_path, {**corrected, "deployment": {"tls": {"own-authority": {}}}}) == []
