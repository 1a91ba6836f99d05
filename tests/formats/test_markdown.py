"""People's own words in Markdown stay words."""

from __future__ import annotations

import pytest

from orthgen.formats.markdown import escaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Neuro", "Neuro"),
        ("<b>Neuro</b>", "\\<b\\>Neuro\\</b\\>"),
        ("a | b", "a \\| b"),
        ("[a](b) *c* _d_ `e` ~f~", "\\[a\\](b) \\*c\\* \\_d\\_ \\`e\\` \\~f\\~"),
        ("&lt; #1 \\", "\\&lt; \\#1 \\\\"),
        ("two\r\nlines", "two  lines"),
        ("https://a.example www.a.example", "https\\://a.example www\\.a.example"),
        ("jo@a.example", "jo@<!-- -->a.example"),
    ],
)
def test_nothing_of_a_name_is_markup(text: str, shown: str) -> None:
    """A title of a collection becomes no tag, cell, link or heading in the page that approvers read."""
    assert escaped(text) == shown
