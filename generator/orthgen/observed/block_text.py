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
_YAML_START = r" *[\w.-]+:\s*(?:#.*)?"
_YAML_BELOW = r"""\s+(?:[\w."'${}-]+:(?:\s.*)?|- .*|#.*)"""
_YAML_LINE = re.compile(r"""\s+\S.*|[\w."'-]+:(?:\s.*)?|- .*|#.*|""")
_NGINX_START = (
    r"\s*(?:server|location|upstream|http|events|map|stream)\b[^;]*\{\s*(?:#.*)?|\s*proxy_\w+\s[^;]*;\s*"
)
_NGINX_LINE = re.compile(r"\s*(?:\}.*|#.*|.*[;{]\s*(?:#.*)?|)")
_OHIF_START = r"\s*window\.config\s*="
_APACHE_START = (
    r"(?i)\s*(?:<(?P<tag>VirtualHost|Location|LocationMatch|Proxy)\b[^>]*>|ProxyPass(?:Reverse|Match)?\s+\S+\s.*"
    r"|RequestHeader\s+\w+\s.*)\s*"
)
_APACHE_LINE = re.compile(r"(?i)\s*(?:#.*|(?:Proxy|SSL|Server|Header|RequestHeader|Rewrite)\w*\s.*|)")
_CADDY_START = r"\s*[\w.*:/-]+(?:,\s*[\w.*:/-]+)*\s*\{\s*(?:#.*)?"
_CADDY_DIRECTIVE = re.compile(r"\s*(?:reverse_proxy|handle|handle_path|route|file_server|encode|tls)\b")
_MAX_BLOCK_LINES = 5_000
_LISTED_VARIABLE = re.compile(r"""\s*- ["']?[A-Z][A-Z0-9]*_\w+=.*""")
_VARIABLE = re.compile(r"(?:export\s+)?[A-Z][A-Z0-9_]{2,}=.*")


def read_block(text: PastedText, at: int) -> int:
    """Read a piece of configuration that begins in line `at`. The number of lines; 0 where there is none."""
    fence = re.fullmatch(_FENCE, text.lines[at])
    if fence is not None:
        return _fenced(text, at) if fence["language"].lower() in _CONFIGURATION else 1
    if _LISTED_VARIABLE.fullmatch(text.lines[at]):
        return _lines(text, at, _LISTED_VARIABLE)
    if re.fullmatch(_YAML_START, text.lines[at]) and re.fullmatch(_YAML_BELOW, text.line(at + 1)):
        return _lines(text, at, _YAML_LINE)
    if re.fullmatch(_NGINX_START, text.lines[at]):
        return _lines(text, at, _NGINX_LINE)
    if re.match(_OHIF_START, text.lines[at]):
        return _to_closing_brace(text, at)
    if re.fullmatch(_APACHE_START, text.lines[at]):
        return _to_end_tag(text, at) or _lines(text, at, _APACHE_LINE)
    if re.fullmatch(_CADDY_START, text.lines[at]) and _is_of_caddy(text, at):
        return _to_closing_brace(text, at)
    return _lines(text, at, _VARIABLE) if _VARIABLE.fullmatch(text.lines[at]) else 0


def _fenced(text: PastedText, at: int) -> int:
    """The lines between two fences, which need not be closed; both fences count."""
    end = at + 1
    while end < len(text.lines) and re.fullmatch(_FENCE, text.lines[end]) is None:
        end += 1
    text.excerpt(at + 1, end, is_complete=False)
    return end + 1 - at


def _is_of_caddy(text: PastedText, at: int) -> bool:
    """Whether a directive of Caddy is near the beginning of a block."""
    return any(_CADDY_DIRECTIVE.match(line) for line in text.lines[at + 1 : at + 20])


def _to_closing_brace(text: PastedText, at: int) -> int:
    """The lines to the one that closes the first brace; those to the end of the text where none does."""
    depth, has_begun = 0, False
    last = min(len(text.lines), at + _MAX_BLOCK_LINES)
    for end in range(at, last):
        depth += text.lines[end].count("{") - text.lines[end].count("}")
        has_begun = has_begun or depth > 0
        if has_begun and depth <= 0:
            last = end + 1
            break
    text.excerpt(at, last, is_complete=False)
    return last - at


def _to_end_tag(text: PastedText, at: int) -> int:
    """The lines of a block of Apache; 0 where the line begins none."""
    match = re.fullmatch(_APACHE_START, text.lines[at])
    tag = match["tag"] if match is not None else None
    if tag is None:
        return 0
    last = min(len(text.lines), at + _MAX_BLOCK_LINES)
    ends = (index for index in range(at, last) if re.match(rf"(?i)\s*</{tag}>", text.lines[index]))
    end = next(ends, last - 1) + 1
    text.excerpt(at, end, is_complete=False)
    return end - at


def _lines(text: PastedText, at: int, form: re.Pattern[str]) -> int:
    """The lines of a form from `at` on, without blank ones at their end."""
    end = at
    while end < len(text.lines) and form.fullmatch(text.lines[end]) is not None:
        end += 1
    while not text.lines[end - 1].strip():
        end -= 1
    text.excerpt(at, end, is_complete=False)
    return end - at
