"""Lua tables are written so that no text gets out of its string."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthgen.formats.lua_writer import dump_lua, lua_string


def test_a_table_stands_in_one_line_where_it_fits() -> None:
    """Longer ones have a line for each item; keys that are no names are in brackets."""
    assert dump_lua({"a": 1, "É": "é", "list": ["x", "y"], "none": []}) == (
        '{ a = 1, ["É"] = "é", list = { "x", "y" }, none = {} }'
    )
    assert dump_lua([{"a": 1}]) == "{\n  { a = 1 },\n}"
    assert dump_lua({"a": ["x" * 60, "y" * 60]}) == (
        "{\n  a = {\n" + f'    "{"x" * 60}",\n    "{"y" * 60}",\n' + "  },\n}"
    )


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
