"""Values of a plan as text: complete, in Keycloak's spelling, without control characters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A list of more than this is told by its beginning where it is new and nobody asked for all of it.
LONG_LIST = 20
_WIDTH = 100


def value_text(value: Any) -> str:
    """A single value. Never cut: what is cut cannot be reviewed."""
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Texts come from a server: what a terminal would obey is spelled out.
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text) or '""'


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return value_text(value)


def value_lines(path: str, value: Any) -> list[str]:
    """A field and its value: a short list on its line, a longer one by its items."""
    line = f"{path}: {inline(value)}"
    if not isinstance(value, list) or (len(line) <= _WIDTH and not any(" " in str(item) for item in value)):
        return [line]
    return [f"{path}:", *(f"  {value_text(item)}" for item in value)]


def packed(names: Sequence[str]) -> Iterator[str]:
    """Names, as many on a line as fit."""
    line = ""
    for name in map(value_text, names):
        if line and len(line) + len(name) + 2 > _WIDTH:
            yield line + ","
            line = name
        else:
            line = f"{line}, {name}" if line else name
    if line:
        yield line
