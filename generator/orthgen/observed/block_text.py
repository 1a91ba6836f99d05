"""Reader of pieces of YAML, nginx configuration and environment files in a longer text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthgen.observed.pasted import PastedText

_FENCE = r"\s*(?:```|~~~)\s*(?P<language>[\w+-]*)\s*"
# Languages of Markdown that mark a piece of configuration other than JSON.
_CONFIGURATION = frozenset(
    {
        "yaml",
        "yml",
        "nginx",
        "conf",
        "ini",
        "env",
        "dotenv",
        "toml",
        "caddyfile",
        "apache",
        "js",
        "javascript",
    }
)
_YAML_START = r"[\w.-]+:\s*(?:#.*)?"
_YAML_BELOW = r"""\s+(?:[\w."'${}-]+:(?:\s.*)?|- .*|#.*)"""
_YAML_LINE = re.compile(r"""\s+\S.*|[\w."'-]+:(?:\s.*)?|- .*|#.*|""")
_NGINX_START = (
    r"\s*(?:server|location|upstream|http|events|map|stream)\b[^;]*\{\s*(?:#.*)?|\s*proxy_\w+\s[^;]*;\s*"
)
_NGINX_LINE = re.compile(r"\s*(?:\}.*|#.*|.*[;{]\s*(?:#.*)?|)")
_VARIABLE = re.compile(r"(?:export\s+)?[A-Z][A-Z0-9_]{2,}=.*")


def read_block(text: PastedText, at: int) -> int:
    """Read a piece of configuration that begins in line `at`. The number of lines; 0 where there is none."""
    fence = re.fullmatch(_FENCE, text.lines[at])
    if fence is not None:
        return _fenced(text, at) if fence["language"].lower() in _CONFIGURATION else 1
    if re.fullmatch(_YAML_START, text.lines[at]) and re.fullmatch(_YAML_BELOW, text.line(at + 1)):
        return _lines(text, at, _YAML_LINE)
    if re.fullmatch(_NGINX_START, text.lines[at]):
        return _lines(text, at, _NGINX_LINE)
    return _lines(text, at, _VARIABLE) if _VARIABLE.fullmatch(text.lines[at]) else 0


def _fenced(text: PastedText, at: int) -> int:
    """The lines between two fences, which need not be closed; both fences count."""
    end = at + 1
    while end < len(text.lines) and re.fullmatch(_FENCE, text.lines[end]) is None:
        end += 1
    text.excerpt(at + 1, end, is_complete=False)
    return end + 1 - at


def _lines(text: PastedText, at: int, form: re.Pattern[str]) -> int:
    """The lines of a form from `at` on, without blank ones at their end."""
    end = at
    while end < len(text.lines) and form.fullmatch(text.lines[end]) is not None:
        end += 1
    while not text.lines[end - 1].strip():
        end -= 1
    text.excerpt(at, end, is_complete=False)
    return end - at
