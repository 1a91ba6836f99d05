"""Lua reader: the tables that orthgen writes."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.formats.lua_reader import load_lua
from orthgen.formats.lua_writer import dump_lua


@pytest.mark.parametrize(
    "value",
    [
        {
            "mark": "Labels",
            "number": 60,
            "rules": [{"label": "a", "tags": [{"name": "x", "patterns": ["A*", "b|c"]}]}],
        },
        {"small": {"É": "é"}, "text": 'a"b\\c\n}'},
        [],
        ["a", -1],
    ],
)
def test_what_is_written_is_read_back(value: Any) -> None:
    """Texts with quotes, backslashes and braces included."""
    assert load_lua(dump_lua(value)) == value


@pytest.mark.parametrize("text", ["", "{", "{ a = }", "function f() end", "{" * 5000])
def test_what_is_no_table_is_nothing(text: str) -> None:
    """A file that somebody edited is no reason for a traceback."""
    assert load_lua(text) is None
