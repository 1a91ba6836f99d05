"""People's own words in Markdown: what they read is what they wrote."""

from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt

from orthgen.formats.markdown import escaped, unescaped
from tests.support.free_text import PAYLOADS

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@pytest.mark.parametrize("frame", ["# About {}", "- **{}**: nothing.", "| {} | yes |"])
def test_a_text_is_read_as_it_was_written(frame: str) -> None:
    """In a heading, a sentence and a cell: no link, no tag, no emphasis, no cell of its own."""
    for payload in PAYLOADS:
        line = frame.format(escaped(payload))
        shown = PARSER.render(f"| a | b |\n|---|---|\n{line}\n" if frame.startswith("|") else line)
        without = re.sub(r"<!--.*?-->|</?(?:table|thead|tbody|tr|th|td|h1|ul|li|p|strong)>", "", shown)

        assert payload in html.unescape(without), payload
        assert "<a " not in without


@pytest.mark.parametrize(
    "address", ["https://evil.example", "HTTP://evil.example", "www.evil.example", "x@evil.example"]
)
def test_no_address_is_left_that_becomes_a_link_by_itself(address: str) -> None:
    """GitHub makes links of bare addresses; what parts them does not show."""
    assert not re.search(r"(?i)https?://|www\.[a-z]|[a-z]@[a-z]", escaped(address))


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


@pytest.mark.parametrize(
    "text", ["Cardio *and* more", "a|b_c", "www.example.org", "x@example.org", "C:\\temp", "<b>"]
)
def test_an_escaped_title_is_read_back(text: str) -> None:
    """As orthgen adopts the titles of ACCESS.md."""
    assert unescaped(escaped(text)) == text
