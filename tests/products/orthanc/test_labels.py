"""labels.lua as text; what it does is tested on a real Orthanc."""

from __future__ import annotations

import re
from typing import Any

import pytest

from orthgen.formats.templates import template_text
from orthgen.products.orthanc import orthanc_files, orthanc_settings
from tests.support.builders import make_deployment


def script(**changes: Any) -> str:
    """The settings of the script, for the small profile with `changes`."""
    files = orthanc_files(make_deployment(**changes))
    return next(file.text for file in files if file.path == "orthanc/labels-settings.lua")


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


@pytest.mark.parametrize("pattern", ["ΟΔΟΣ", "οδος", "οδοσ"])
def test_a_greek_word_ends_in_the_same_letter_in_any_case(pattern: str) -> None:
    """`Σ`, `σ` and `ς`, whichever of them the profile writes, become `σ`."""
    text = script(
        collections=f'{{cardio: {{gather: [{{tags: {{InstitutionName: "{pattern}"}}}}]}}, neuro: {{}}}}'
    )

    assert {("Σ", "σ"), ("ς", "σ")} <= set(re.findall(r'\["(.)"\] = "(.)"', text))


def test_the_note_on_a_study_has_a_number_that_orthanc_leaves_to_its_users() -> None:
    """Metadata of one's own are numbered from 1024 to 65535."""
    settings = orthanc_settings(
        make_deployment(collections="{cardio: {gather: [{tags: {Modality: US}}]}, neuro: {}}")
    )

    numbers = list(settings["UserMetadata"].values())

    assert len(numbers) == 1
    assert 1024 <= numbers[0] <= 65535


def test_the_program_is_the_same_for_every_profile() -> None:
    """Orthanc runs the settings first; the program behind the header is the static file."""
    deployment = make_deployment(collections="{cardio: {gather: [{tags: {Modality: US}}]}, neuro: {}}")
    program = next(file.text for file in orthanc_files(deployment) if file.path == "orthanc/labels.lua")

    assert program.endswith("\n\n" + template_text("orthanc/labels.lua"))
    assert orthanc_settings(deployment)["LuaScripts"] == [
        "/etc/orthanc/lua/labels-settings.lua",
        "/etc/orthanc/lua/labels.lua",
    ]
