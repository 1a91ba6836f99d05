"""Lua reader: the tables that `lua_writer` writes, as values."""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_]\w*)|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>[{}\[\]=,]))'
)
_ESCAPE = re.compile(r"\\(\d{1,3}|.)")


def load_lua(text: str) -> Any:
    """The value of a table, text or number; None where the text is none of them."""
    tokens = [
        match.lastgroup and (match.lastgroup, match[match.lastgroup]) for match in _TOKEN.finditer(text)
    ]
    try:
        value, _ = _value([word for word in tokens if word], 0)
    except (IndexError, ValueError, RecursionError):
        return None
    return value


def _value(tokens: list[tuple[str, str]], at: int) -> tuple[Any, int]:
    kind, word = tokens[at]
    if kind == "text":
        return _ESCAPE.sub(
            lambda match: chr(int(match[1])) if match[1].isdigit() else match[1], word[1:-1]
        ), at + 1
    if kind == "number":
        return (float(word) if "." in word else int(word)), at + 1
    if word != "{":
        raise ValueError(word)
    return _table(tokens, at + 1)


def _table(tokens: list[tuple[str, str]], at: int) -> tuple[Any, int]:
    """The table behind its opening brace: a list, or a mapping where its items have keys."""
    items: list[Any] = []
    pairs: dict[Any, Any] = {}
    while tokens[at][1] != "}" or tokens[at][0] != "sign":
        kind, word = tokens[at]
        if kind == "word" or word == "[":
            key, at = (word, at + 1) if kind == "word" else _value(tokens, at + 1)
            at += 1 if kind == "word" else 2  # `=`, or `]` and `=`
            pairs[key], at = _value(tokens, at)
        else:
            item, at = _value(tokens, at)
            items.append(item)
        at += tokens[at] == ("sign", ",")
    return (pairs or items), at + 1
