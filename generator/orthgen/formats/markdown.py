"""People's own text in Markdown, escaped: a name becomes no link, tag, cell or heading; and Markdown as HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

# What begins or ends something, wherever it stands: emphasis, code, links, tags, cells, entities.
_ANYWHERE = re.compile(r"[\\`*_\[\]<>|~&#]")
# What GitHub's Markdown makes a link of by itself: addresses, and names that begin like one.
_SCHEME = re.compile(r":(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_MAILBOX = re.compile(r"(?<=[\w.+-])@(?=\w)")


def escaped(text: str) -> str:
    """The text as it is read, in one line, inside a sentence, a heading or a cell."""
    one_line = text.replace("\r", " ").replace("\n", " ")
    shown = _SCHEME.sub(lambda match: "\\" + match[0], _ANYWHERE.sub(lambda match: "\\" + match[0], one_line))
    # A comment parts what would be a mail address; nothing else does.
    return _MAILBOX.sub("@<!-- -->", shown)


def unescaped(text: str) -> str:
    """The text that `escaped` was given, where it was one line."""
    return re.sub(r"\\(.)", r"\1", text.replace("@<!-- -->", "@"))


def to_html(text: str) -> Markup:
    """One line of Markdown as HTML inside a paragraph; tags in it are text."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only the page for approvers is HTML
    from markupsafe import Markup  # noqa: PLC0415 - for the same reason

    html: str = MarkdownIt("commonmark", {"html": False}).renderInline(text.replace("@<!-- -->", "@"))
    return Markup(html)  # noqa: S704 - the renderer escapes whatever is not Markdown


def fenced(text: str, language: str) -> str:
    """The text as a block of code; its fence is longer than every run of backticks in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
