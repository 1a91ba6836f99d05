"""Colour where a terminal has it and nobody declined it."""

from __future__ import annotations

import io

import pytest

from orthgen.report.console import Console, has_colour, paint


class Terminal(io.StringIO):
    """A stream that says of itself that it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("variables", "terminal", "file"),
    [
        ({}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
    ],
    ids=str,
)
def test_colour_follows_the_terminal_and_its_user(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, terminal: bool, file: bool
) -> None:
    """NO_COLOR declines colour everywhere, FORCE_COLOR asks for it in files too (no-color.org, force-color.org)."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert has_colour(Terminal()) is terminal
    assert has_colour(io.StringIO()) is file


def test_painted_text_is_the_text_where_there_is_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or a program gets no control characters; a terminal gets them before and after the text."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    assert paint("x", "bold", "red", stream=io.StringIO()) == "x"
    assert paint("x", stream=Terminal()) == "x"
    assert paint("x", "bold", "red", stream=Terminal()) == "\033[1;31mx\033[0m"


def test_a_file_has_lines_of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a terminal has a width that text is wrapped to."""
    monkeypatch.setenv("COLUMNS", "72")

    assert Console(Terminal(), io.StringIO()).width == 72
    assert Console(io.StringIO(), io.StringIO()).width > 1000
