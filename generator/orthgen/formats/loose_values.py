"""Values that should be lists, or mappings, in files that anybody wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def items(value: Any) -> list[Any]:
    """The items of a list; none of anything else."""
    return value if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The texts of a list."""
    return [item for item in items(value) if isinstance(item, str)]


def mappings(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """The mappings of a list, with their positions."""
    return [(index, item) for index, item in enumerate(items(value)) if isinstance(item, dict)]


def mapping(value: object) -> Mapping[str, Any]:
    """A value that should be a mapping; empty where it is something else."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[Any]:
    """A value that may be a list, one thing, or nothing, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
