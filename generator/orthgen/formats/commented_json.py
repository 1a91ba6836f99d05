"""
JSON with comments: data in which a value can carry the reason for it, and the text of that data.

Orthanc (jsoncpp) and the entrypoint of its image take `//` comments out before they read the JSON.
"""

from __future__ import annotations

import json
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 120
# A list of words, such as a row of the permission table, stands in one line up to this length.
_MAX_LIST_LENGTH = 140
# `json.dumps` makes a new encoder for every text that is not ASCII alone.
_encoded = json.JSONEncoder(ensure_ascii=False).encode


class Commented(Struct, frozen=True):
    """A value of a mapping or of a list with the comment that stands above it."""

    value: Any
    comment: str


def bare(value: Any) -> Any:
    """The data without its comments."""
    if isinstance(value, Commented):
        return bare(value.value)
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    return [bare(item) for item in value] if isinstance(value, list) else value


def dump_commented_json(value: dict[str, Any]) -> str:
    """JSON with two blanks of indentation and each comment above its value; blank lines set commented sections apart."""
    return "\n".join(_value(value, "", "")) + "\n"


def _value(value: Any, start: str, indent: str) -> list[str]:
    """The lines of one value; `start` is what stands before it in its first line."""
    if isinstance(value, dict) and value:
        entries = ((f"{_encoded(key)}: ", item) for key, item in value.items())
        return [f"{indent}{start}{{", *_entries(entries, f"{indent}  "), f"{indent}}}"]
    if isinstance(value, list) and any(isinstance(item, dict | list | Commented) for item in value):
        return [f"{indent}{start}[", *_entries((("", item) for item in value), f"{indent}  "), f"{indent}]"]
    line = f"{indent}{start}{_encoded(value)}"
    if isinstance(value, list) and len(line) > _MAX_LIST_LENGTH:
        return [f"{indent}{start}[", *_entries((("", item) for item in value), f"{indent}  "), f"{indent}]"]
    return [line]


def _entries(entries: Iterator[tuple[str, Any]], indent: str) -> list[str]:
    """The entries of a mapping or list, each with its comment above it, and a comma behind all but the last."""
    lines: list[str] = []
    comma_at: int | None = None
    for start, item in entries:
        if comma_at is not None:
            lines[comma_at] += ","
        if isinstance(item, Commented):
            if lines:
                lines.append("")
            lines += [f"{indent}// {line}" for line in wrap(item.comment, _WIDTH - len(indent))]
        lines += _value(item.value if isinstance(item, Commented) else item, start, indent)
        comma_at = len(lines) - 1
    return lines
