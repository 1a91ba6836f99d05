"""JSON with comments: each stands above its value, and none of them changes what a reader gets."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orthgen.formats.commented_json import Commented, bare, dump_commented_json
from orthgen.formats.yaml_io import parse_json

TEXT = """\
{
  "plain": 1,

  // It's "why" // of the section.
  "section": {
    // Of the first key.
    "first": true,
    "words": ["a", "b"],

    // Of a value.
    "second": "//"
  },
  "rows": [
    // Of a row.
    ["get", "^/x$"],
    ["put", "^/y$"],

    // Of another row.
    ["put", "^/z$"]
  ],
  "nothing": {}
}
"""


def test_a_comment_stands_above_its_value() -> None:
    """At the value's indentation, after a blank line where something stands before it."""
    rows = [
        Commented(["get", "^/x$"], "Of a row."),
        ["put", "^/y$"],
        Commented(["put", "^/z$"], "Of another row."),
    ]
    section = {
        "first": Commented(True, "Of the first key."),
        "words": ["a", "b"],
        "second": Commented("//", "Of a value."),
    }
    value = {
        "plain": 1,
        "section": Commented(section, 'It\'s "why" // of the section.'),
        "rows": rows,
        "nothing": {},
    }

    assert dump_commented_json(value) == TEXT


def test_a_list_that_is_too_long_for_a_line_has_a_line_for_each_item() -> None:
    """A long list of words is read from top to bottom."""
    words = [f"word-{number:02}" for number in range(20)]

    assert dump_commented_json({"a": words}).count("\n") == 24


def test_a_long_comment_is_broken_into_lines() -> None:
    """Every line of it is a comment."""
    lines = dump_commented_json({"a": Commented(1, "word " * 100)}).splitlines()

    assert len(lines) == 8
    assert all(line.startswith("  // word") and len(line) <= 123 for line in lines[1:-2])


_WORDS = st.text("ab\"'/*\\\n,:{}[] é", max_size=12)
_VALUES = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | _WORDS | st.lists(_WORDS, max_size=3)
_ITEMS = _VALUES | st.builds(Commented, _VALUES, _WORDS)
_SECTIONS = st.dictionaries(_WORDS, _ITEMS | st.lists(_ITEMS, max_size=3), max_size=3)


@given(st.dictionaries(_WORDS, _ITEMS | _SECTIONS | st.builds(Commented, _SECTIONS, _WORDS), max_size=3))
def test_comments_are_lost_in_reading_and_nothing_else(value: dict[str, Any]) -> None:
    """What the text reads back to is the data without its comments."""
    assert parse_json(dump_commented_json(value), "x.json")[0].value == bare(value)
