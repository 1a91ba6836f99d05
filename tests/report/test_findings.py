"""Findings for people: the place, the line in question, and nothing that a terminal would obey."""

from __future__ import annotations

import io
import time

import pytest

from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.report.findings import count_text, findings_text

WRONG = Rule("wrong", Severity.ERROR, summary="It is wrong.", remedy="Mend it.", example="")
BEYOND = Rule("beyond", Severity.WARNING, summary="It is beyond.", remedy="Take it back.", example="")


def shown(text: str, finding: Finding) -> list[str]:
    """The lines that somebody reads, without colours."""
    return findings_text([finding], {finding.location.file: text}, io.StringIO()).splitlines()


def test_the_excerpt_points_at_the_word_in_question() -> None:
    """Below the line of the file stands a mark as long as the word."""
    finding = Finding(WRONG, "`vew` is wrong", Location("p.yaml", 2, 4), "did you mean `view`?")

    assert shown("can:\n  [vew]\n", finding) == [
        "p.yaml:2:4: error: `vew` is wrong [wrong]",
        "  2 |   [vew]",
        "    |    ^^^",
        "    = did you mean `view`?",
    ]


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\r", "\x9b", "\u202e", "\u2028"])
def test_what_a_terminal_would_obey_is_shown_as_a_mark(character: str) -> None:
    """A profile from somebody else cannot clear the screen or turn the text around."""
    finding = Finding(WRONG, f"`a{character}b` is wrong", Location("p.yaml", 1, 1), f"write `{character}`")

    text = "".join(shown("name", finding))

    assert character not in text
    assert text.count("\ufffd") == 2


@pytest.mark.parametrize("column", [1, 2500, 5000])
def test_of_a_long_line_the_part_in_question_is_shown(column: int) -> None:
    """The mark still stands below the very word, and the line fits a screen."""
    words = "a" * (column - 1) + "!" + "a" * (5000 - column)

    _, source, mark = shown(words, Finding(WRONG, "x", Location("p.yaml", 1, column)))

    assert source[mark.index("^")] == "!"
    assert len(source) < 180


@pytest.mark.parametrize(
    "line", ["1" * 200_000, "token" * 40_000, "a token " * 25_000, " " * 200_000 + "x", "-" * 200_000]
)
def test_a_line_without_end_is_shown_at_once(line: str) -> None:
    """No line, whatever stands in it, is searched more than once for what may be a secret."""
    begin = time.process_time()
    shown(line, Finding(WRONG, "x", Location("p.yaml", 1, 1)))

    assert time.process_time() - begin < 1


def test_of_many_warnings_of_a_kind_the_first_are_told_and_the_others_counted() -> None:
    """Forty projects with the same warning fill no screen, and no error is left out."""
    warnings = [
        Finding(BEYOND, f"warning {line}", Location("p.yaml", line, 3), "mend it") for line in range(1, 41)
    ]
    errors = [Finding(WRONG, f"error {line}", Location("p.yaml", line, 1)) for line in range(1, 6)]

    text = findings_text([*warnings, *errors], {}, io.StringIO())

    assert text.count("warning 1 [beyond]\n") == 1
    assert len(text.splitlines()) == 3 * 2 + 5 + 1
    assert text.splitlines()[-1].startswith("warning: 37 more [beyond], at 4:3, 5:3, ")


def test_of_several_secrets_on_a_line_none_is_shown() -> None:
    """The excerpt ends before the first of them, in whichever order they were found."""
    text = "a: {user: u, first: hunter2, second: swordfish}"
    places = [text.index("first"), text.index("second")]
    for columns in (places, places[::-1]):
        findings = [
            Finding(WRONG, "a secret is written out", Location("p.yaml", 1, column + 1), is_sensitive=True)
            for column in columns
        ]
        excerpt = findings_text(findings, {"p.yaml": text}, io.StringIO())

        assert "user: u" in excerpt
        assert "hunter2" not in excerpt
        assert "swordfish" not in excerpt


def test_a_silenced_warning_is_shown_on_request_and_counted() -> None:
    """By default it only counts; shown, it stands first, with the reason in place of the remedy."""
    silenced = Finding(BEYOND, "too far", Location("p.yaml", 1, 1), "mend it", silenced="it is near")
    active = Finding(BEYOND, "too far", Location("p.yaml", 2, 1))

    assert count_text([silenced, active]) == "1 warning, 1 silenced"
    assert count_text([silenced]) == "1 silenced"
    assert findings_text([silenced, active], {}, io.StringIO()) == "p.yaml:2:1: warning: too far [beyond]"
    assert findings_text([active, silenced], {}, io.StringIO(), with_silenced=True).splitlines() == [
        "p.yaml:1:1: silenced: too far [beyond]",
        "    = silenced: it is near",
        "p.yaml:2:1: warning: too far [beyond]",
    ]
