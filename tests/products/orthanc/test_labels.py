"""labels.lua as text; what it does is tested on a real Orthanc."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthgen.products.orthanc import orthanc_files, orthanc_settings
from orthgen.products.orthanc.labels import lua_string
from tests.support.builders import make_deployment


def script(**changes: Any) -> str:
    """The script of the small profile with `changes`."""
    return next(file.text for file in orthanc_files(make_deployment(**changes)) if file.path.endswith(".lua"))


def test_each_rule_stands_with_its_label_and_its_alternatives() -> None:
    """Alternatives are separated, blanks around them do not count."""
    text = script(
        collections='{cardio: {label: CARDIO, gather: [{tags: {InstitutionName: "IUCPQ* | Laval", Modality: US}}]}, neuro: {}}'
    )

    assert 'label = "CARDIO"' in text
    assert '{ name = "InstitutionName", patterns = { "IUCPQ*", "Laval" } }' in text
    assert '{ name = "Modality", patterns = { "US" } }' in text


def test_a_tag_by_number_is_written_as_orthanc_writes_it() -> None:
    """In small letters."""
    text = script(collections='{cardio: {gather: [{tags: {"0010,00AB": x}}]}, neuro: {}}')

    assert '{ name = "0010,00ab", patterns = { "x" } }' in text


def test_letters_beyond_ascii_have_their_small_ones() -> None:
    """Those of the patterns, in whichever case the profile writes them; no others."""
    text = script(collections='{cardio: {gather: [{tags: {InstitutionName: "Hôpital É*"}}]}, neuro: {}}')

    assert re.findall(r'\["(.)"\] = "(.)"', text) == [("É", "é"), ("Ô", "ô")]


def test_the_note_on_a_study_has_a_number_that_orthanc_leaves_to_its_users() -> None:
    """Metadata of one's own are numbered from 1024 to 65535."""
    settings = orthanc_settings(
        make_deployment(collections="{cardio: {gather: [{tags: {Modality: US}}]}, neuro: {}}")
    )

    numbers = list(settings["UserMetadata"].values())

    assert len(numbers) == 1
    assert 1024 <= numbers[0] <= 65535


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param('a"b', '"a\\034b"', id="a quote"),
        pytest.param("a\\", '"a\\092"', id="a backslash at the end"),
        pytest.param("a\nb\0", '"a\\010b\\000"', id="control characters"),
        pytest.param("é]]--", '"é]]--"', id="what ends nothing"),
    ],
)
def test_a_string_is_escaped(text: str, written: str) -> None:
    """By numbers of three digits, which no digit behind can lengthen."""
    assert lua_string(text) == written


@given(st.text())
def test_no_text_ends_its_string_early(text: str) -> None:
    """Inside the quotes stands no quote, no line break and no escape but by number; undone, it is the text again."""
    inside = lua_string(text)[1:-1]

    assert not re.search(r'["\n\r\x00]', inside)
    assert not re.search(r"\\(?![0-9]{3})", inside)
    assert re.sub(r"\\([0-9]{3})", lambda found: chr(int(found[1])), inside) == text
