"""JSON with comments, as Orthanc reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

# A string is matched first, so that what looks like a comment inside it is left alone.
_STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def loads(text: str) -> Any:
    """Parse JSON that may have `//` and `/* */` comments."""
    return json.loads(_STRING_OR_COMMENT.sub(lambda match: match[0] if match[0][0] == '"' else " ", text))


def load(path: Path) -> Any:
    """Parse a file of such JSON."""
    return loads(path.read_text(encoding="utf-8"))


def merged(base: Any, over: Any) -> Any:
    """`over` on top of `base`, key by key; `None` removes a key."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
