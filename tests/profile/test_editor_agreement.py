"""Editors and the tool agree: what the schema refuses the tool refuses, and what has the wrong shape is wrong to both."""

from __future__ import annotations

import random

import pytest

from orthgen.errors import ProfileError
from orthgen.formats.yaml_io import parse_yaml, typed
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.profile.load import load
from tests.profile.test_load import GOOD
from tests.support.mutated_profiles import mutated
from tests.support.profile_schema import validator

# Findings about the shape, which a schema can see as well.
SHAPES = {
    "invalid-value",
    "unknown-key",
    "missing-key",
    "invalid-name",
    "empty-value",
    "secret-in-profile",
    "unknown-release",
    "unknown-finding",
    "silenced-error",
}

# What people write, and whether it is fine: plain numbers are texts, quoted ones no numbers, nothing is nothing.
SAMPLES = [
    ("release: 26.8", True),
    ('release: "26.8"', True),
    ("release: 26", False),
    ("interface: {title: 2024}", True),
    ("interface: {title: true}", True),
    ("interface: {title: [x]}", False),
    ("archive: {aet: 1234}", True),
    ("archive: {aet: 1.5}", True),
    ("archive: {aet: ABCDEFGHIJKLMNOPQ}", False),
    ("archive: {overwrite: true}", True),
    ("archive: {overwrite: yes}", False),
    ('archive: {overwrite: "true"}', False),
    ("archive: {storage: {connections: 20}}", True),
    ('archive: {storage: {connections: "20"}}', False),
    ("archive: {storage: {files: volume}}", True),
    ("archive: {storage: {files: tape}}", False),
    ("archive: {storage: {}}", True),
    ("archive: {dicom: {port: 104}}", True),
    ('archive: {dicom: {port: "104"}}', True),
    ("archive: {dicom: {port: 0}}", False),
    ("archive: {stable-after: 30}", False),
    ("archive: {stable-after: 0}", False),
    ("archive: {stable-after: 0s}", False),
    ("archive: {stable-after: 30s}", True),
    ("archive: {dicom: }", False),
    ("viewers: {stone: }", False),
    ("viewers: {stone: {}}", True),
    ("viewers: [ohif]", False),
    ("sharing: null", False),
    ("signed-out: {collections: all}", True),
    ("signed-out: {collections: [cardio]}", True),
    ("signed-out: {collections: cardio}", False),
    ("expectations: [{role: reader, can: view}]", True),
    ("expectations: [{role: reader}]", False),
    ("expectations: [~]", False),
    ("silence: [{finding: clear-text-smtp, reason: a}]", True),
    ("silence: [{finding: clear-text-smpt, reason: a}]", False),
    ("silence: [{finding: plain-http, reason: a}]", False),
    ("silence: [{finding: clear-text-smtp}]", False),
]


def by_schema(text: str) -> list[str]:
    """What an editor says."""
    return [error.message for error in validator().iter_errors(typed(parse_yaml(text, "p.yaml")[0].value))]


def by_tool(text: str, **others: str) -> list[str]:
    """What the tool says about the shape, with other files beside it."""
    files = {"p.yaml": text, **{f"{name}.yaml": content for name, content in others.items()}}
    try:
        load("p.yaml", read=lambda path: files[path].encode("utf-8", errors="surrogatepass"))
    except ProfileError as error:
        return [finding.message for finding in error.findings if finding.rule.id in SHAPES]
    return []


@pytest.mark.parametrize(("sample", "fine"), SAMPLES)
def test_both_say_the_same_of_what_people_write(sample: str, *, fine: bool) -> None:
    """Each sample beside a good profile: fine to both, or to neither."""
    text = f"{GOOD}{sample}\n"

    assert (by_schema(text) == [], by_tool(text) == []) == (fine, fine), (by_schema(text), by_tool(text))


@pytest.mark.parametrize(
    "sample",
    [
        "collections: {cardio: null}",
        "institution: {languages: null}",
        "identity: null",
        "deployment: {tls: {certificate: null, key: null, terminated-by: proxy}}",
        "roles: {reader: {can: [view]}}",
    ],
)
def test_in_an_overlay_null_removes(sample: str) -> None:
    """Any key of the other profile may be taken away, and any may be missing; one that extends nothing may not."""
    assert by_schema(f"orthgen: 1\nextends: base.yaml\n{sample}\n") == []
    assert by_schema(f"orthgen: 1\n{sample}\n") != []


def test_what_the_schema_refuses_the_tool_refuses() -> None:
    """No editor underlines what would render: tried on profiles with something wrong in them."""
    chance = random.Random(7)
    wrong = []
    for _ in range(60):
        text = dump_yaml(mutated(chance))
        said = by_schema(text)
        try:
            load("p.yaml", read=lambda _, text=text: text.encode("utf-8", errors="surrogatepass"))  # type: ignore[misc]
        except ProfileError:
            continue
        wrong += [said] if said else []

    assert wrong == []
