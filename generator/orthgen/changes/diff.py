"""
Differences between declared and existing values, field by field.

Only declared fields are compared. An absent field, an empty text, an empty list and False are equal, because servers
leave out settings that are off. Lists are compared without order, because they are sets.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orthgen.changes.model import FieldChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def differences(declared: Mapping[str, Any], existing: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Fields of `declared` that are missing or different in `existing`, in the declared order."""
    return tuple(_differences(declared, existing, ""))


def _differences(
    declared: Mapping[str, Any], existing: Mapping[str, Any], prefix: str
) -> Iterator[FieldChange]:
    for name, expected in declared.items():
        path, actual = prefix + name, existing.get(name)
        if isinstance(expected, dict) and expected:
            yield from _differences(expected, actual if isinstance(actual, dict) else {}, path + ".")
        elif not same(expected, actual):
            yield FieldChange(path, actual, expected)


def same(declared: Any, existing: Any) -> bool:
    """Whether two values are equal in meaning."""
    if _is_empty(declared) or _is_empty(existing):
        return _is_empty(declared) and _is_empty(existing)
    if isinstance(declared, list) and isinstance(existing, list):
        return sorted(map(_sort_key, declared)) == sorted(map(_sort_key, existing))
    if isinstance(declared, dict) and isinstance(existing, dict):
        return not differences(declared, existing)
    return bool(declared == existing)


def _is_empty(value: Any) -> bool:
    # 0 is a value.
    return value is None or value is False or value in ("", [], {})


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
