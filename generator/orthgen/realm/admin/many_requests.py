"""Many requests at a time, and lists that are read in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from orthgen.realm.admin.api import AdminApi

S = TypeVar("S")
T = TypeVar("T")

# As many connections as the admin client keeps open.
MAX_AT_A_TIME = 4


def at_a_time(step: Callable[[S], T], items: Sequence[S], *, workers: int = MAX_AT_A_TIME) -> Iterator[T]:
    """The results of `step` in the order of `items`, a few at a time; an error of a step is raised in its place."""
    if len(items) < 2:
        yield from map(step, items)
        return
    # 5 ms, and `render` imports this module for the fields of a realm only.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(max_workers=workers) as pool:
        yield from pool.map(step, items)


def all_pages(api: AdminApi, path: str, kind: type[T], *, page: int, **query: Any) -> list[T]:
    """Every object of a list, `page` of them in each request."""
    items: list[T] = []
    while True:
        part = api.get(path, list[kind], first=len(items), max=page, **query)  # type: ignore[valid-type]
        items += part
        if len(part) < page:
            return items
