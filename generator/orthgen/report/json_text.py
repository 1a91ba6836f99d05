"""JSON as every command prints it."""

from __future__ import annotations

import json


def json_text(value: object) -> str:
    """Plain values as JSON with two blanks of indentation; characters stand for themselves."""
    return json.dumps(value, indent=2, ensure_ascii=False)
