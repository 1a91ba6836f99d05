"""Samples in the style of public deployments: the whole profile and the whole list, reviewed like code."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from orthgen.adoption.draft import NoteKind
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.adoption import adoption_text
from tests.adoption.support import PASSWORD, SAMPLE_NAMES, adopted_sample

EXPECTED = Path(__file__).parent / "expected"


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_a_sample_is_adopted_as_it_was_accepted(name: str, request: pytest.FixtureRequest) -> None:
    """The profile with its comments, and the list; `--update-golden` accepts a change."""
    adoption = adopted_sample(name)
    texts = {
        f"{name}.yaml": adoption.text,
        f"{name}.txt": adoption_text(adoption, (), [name], f"{name}.yaml", StringIO()) + "\n",
    }
    if request.config.getoption("--update-golden"):
        EXPECTED.mkdir(exist_ok=True)
        for file, text in texts.items():
            (EXPECTED / file).write_text(text, encoding="utf-8")

    assert {file: (EXPECTED / file).read_text(encoding="utf-8") for file in texts} == texts
    assert not any(PASSWORD in text for text in texts.values())


def test_no_expected_file_is_left_over() -> None:
    """A sample that is gone takes its files along."""
    assert {path.stem for path in EXPECTED.iterdir()} == set(SAMPLE_NAMES)


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_an_adopted_profile_is_valid_when_it_is_filled_in(name: str) -> None:
    """Each line to fill in is named, and nothing else stands against the profile."""
    adoption = adopted_sample(name)
    text = adoption.text.replace("url: # fill in", "url: https://pacs.example.org #")
    text = text.replace("tls: # fill in", "tls: {own-authority: {}} #").replace(
        "host: # from", "host: 192.0.2.9 #"
    )

    resolve_profile(f"{name}.yaml", read=lambda _: text.encode())

    to_fill_in = [note for note in adoption.notes if note.kind is NoteKind.FILL_IN]
    assert adoption.text.count("fill in: ") == len(to_fill_in)
    assert adoption.is_valid is not bool(to_fill_in)
