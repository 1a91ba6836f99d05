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
    """The fields of `declared` that `existing` does not have, or has otherwise; in the declared order."""
    return tuple(_differences(declared, existing, ""))


def _differences(
    declared: Mapping[str, Any], existing: Mapping[str, Any], prefix: str
) -> Iterator[FieldChange]:
    for name, wanted in declared.items():
        path, found = prefix + name, existing.get(name)
        if isinstance(wanted, dict) and wanted:
            yield from _differences(wanted, found if isinstance(found, dict) else {}, path + ".")
        elif not same(wanted, found):
            yield FieldChange(path, found, wanted)


def same(wanted: Any, found: Any) -> bool:
    """Whether two values mean the same."""
    if _is_nothing(wanted) or _is_nothing(found):
        return _is_nothing(wanted) and _is_nothing(found)
    if isinstance(wanted, list) and isinstance(found, list):
        return sorted(map(_spelling, wanted)) == sorted(map(_spelling, found))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return not differences(wanted, found)
    return bool(wanted == found)


def _is_nothing(value: Any) -> bool:
    # 0 is a number that somebody may mean.
    return value is None or value is False or value in ("", [], {})


def _spelling(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
