"""Check of lists: no item is in a list twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.findings import Rule, Severity
from orthgen.profile.raw_settings import raw_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.checks.context import CheckContext

REPEATED_ITEM = Rule(
    "repeated-item",
    Severity.WARNING,
    summary="A list has an item twice. The second one has no effect. Maybe another item was meant.",
    remedy="Remove the second one, or write the item that you meant.",
    example="""
        institution: {languages: [en, en]}
    """,
)


def items_are_distinct(context: CheckContext) -> Iterator[Finding]:
    """Each text or number is in a list of the profile once."""
    # Orthanc's own settings: there a repeated item can have a meaning.
    raw = {where for where, _, _ in raw_settings(context.profile)}
    for path, items in _lists(context.tree, raw):
        seen = set()
        for index, item in enumerate(items):
            if not isinstance(item, str | int):
                continue
            if item in seen:
                message = f"`{_key(path)}` has an item twice"
                yield context.finding(
                    REPEATED_ITEM, (*path, index), message, "remove it, or write the one that you meant"
                )
            seen.add(item)


def _key(path: Path) -> str:
    """The key that a list stands at."""
    return next((element for element in reversed(path) if isinstance(element, str)), "")


def _lists(value: Any, without: Collection[Path], path: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """Every list below a value, except those below some paths."""
    if path in without:
        return
    if isinstance(value, list):
        yield path, value
        for index, item in enumerate(value):
            yield from _lists(item, without, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _lists(item, without, (*path, key))
