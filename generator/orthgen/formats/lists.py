"""Values that should be lists, or mappings, in files that anybody wrote."""

from __future__ import annotations

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


def mapping(value: Any) -> dict[str, Any]:
    """A value that should be a mapping; empty where it is something else."""
    return value if isinstance(value, dict) else {}
