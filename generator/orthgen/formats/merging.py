"""Trees of mappings: a value below keys, and one tree laid over another, key by key."""

from __future__ import annotations

from typing import Any

from orthgen.formats.commented_json import Commented


def nested(path: tuple[Any, ...], value: Any) -> Any:
    """The value below these keys, each in a mapping of its own."""
    for element in reversed(path):
        value = {element: value}
    return value


def merged(base: Any, over: Any, *, null_removes: bool = False) -> Any:
    """
    `over` laid over `base`, as a new tree; keys of `base` keep their places, and a commented mapping its comment.

    With `null_removes`, null in `over` takes a key of `base` away.
    """
    if isinstance(base, Commented) and isinstance(base.value, dict) and isinstance(over, dict):
        return Commented(merged(base.value, over, null_removes=null_removes), base.comment)
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    tree = dict(base)
    for key, value in over.items():
        if null_removes and value is None and key in base:
            del tree[key]
        else:
            tree[key] = merged(base.get(key), value, null_removes=null_removes)
    return tree
