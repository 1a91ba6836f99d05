"""Lua writer: tables of texts, numbers, lists and mappings, as Lua 5.1 to 5.4 read them."""

from __future__ import annotations

import re
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\]')
_MAX_LINE_LENGTH = 110


def dump_lua(value: Any, indent: str = "") -> str:
    """The text of a value; a short table takes one line, and a list of tables a line for each."""
    if isinstance(value, str):
        return lua_string(value)
    if not isinstance(value, dict | list):
        return str(value)
    deeper = f"{indent}  "
    if isinstance(value, dict):
        items = [f"{_key(key)} = {dump_lua(item, deeper)}" for key, item in value.items()]
    else:
        items = [dump_lua(item, deeper) for item in value]
    is_rows = isinstance(value, list) and any(isinstance(item, dict) for item in value)
    line = f"{{ {', '.join(items)} }}" if items else "{}"
    if not is_rows and "\n" not in line and len(indent) + len(line) <= _MAX_LINE_LENGTH:
        return line
    return "{\n" + "".join(f"{deeper}{item},\n" for item in items) + f"{indent}}}"


def _key(key: str) -> str:
    return key if _NAME.fullmatch(key) else f"[{lua_string(key)}]"


def lua_string(text: str) -> str:
    """A text as a Lua string: whatever it holds, it ends where the text ends."""
    return '"' + _UNSAFE.sub(lambda match: f"\\{ord(match[0]):03d}", text) + '"'
