"""People's own words in Markdown: what they read is what they wrote."""

from __future__ import annotations

import html
import re

import pytest
from markdown_it import MarkdownIt

from orthgen.formats.markdown import escaped
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
