"""JSON as every command prints it."""

from __future__ import annotations

import json

from msgspec import to_builtins


def json_text(value: object) -> str:
    """Plain values and structs as JSON with two blanks of indentation; characters stand for themselves."""
    return json.dumps(to_builtins(value), indent=2, ensure_ascii=False)
