"""The table of all routes: it covers every row of every permission table, and the rendered files bear it out."""

from __future__ import annotations

import re
from collections import Counter

from orthgen.authz.permissions import default_table
from orthgen.authz.plugin_releases import releases
from tests.support.routes import CHECKED, Route, at_the_edge, groups, permissions, routes

ROUTES = routes("orthanc", "plugins")


def test_every_route_stands_in_the_table_once() -> None:
    """No method of a path has two judgements."""
    twice = [name for name, count in Counter((one.method, one.path) for one in ROUTES).items() if count > 1]

    assert twice == []


def test_every_group_says_what_it_can_touch() -> None:
    """In the words that the page explains; what can be asked for says what it reads."""
    for group in (*groups("orthanc"), *groups("plugins")):
        assert group["checked"] in CHECKED
        assert group["touches"].endswith(".")
        assert ("takes" in group) == (group["checked"] not in {"no row", "not public"}), group


def test_every_row_of_every_permission_table_has_its_routes() -> None:
    """What any release of the plugin knows of is judged here."""
    rows = {(row.method, row.pattern) for release in releases() for row in default_table(release)}
    examples = {method: [one.example for one in ROUTES if one.method.lower() == method] for method, _ in rows}

    without = [
        f"{method} {pattern}"
        for method, pattern in sorted(rows)
        if not any(map(re.compile(pattern).fullmatch, examples[method]))
    ]

    assert without == []


def test_the_rendered_files_bear_the_table_out() -> None:
    """What the table says is what nginx's locations and the permission table do."""
    wrong = {
        f"{route.method} {route.path}": f"{route.checked}; the files say {word}"
        for route in ROUTES
        if (word := _word(route, at_the_edge(route.example), permissions(route))) != route.checked
    }

    assert wrong == {}


def _word(route: Route, edge: str, row: tuple[str, ...] | None) -> str:
    """The word of the table that the files allow, the table's own where there are several."""
    if edge == "refused":
        return "not public"
    if row is None:
        return "open" if route.checked == "open" else "no row"
    if edge in {"script", "auth_request"}:
        return {"script": "guard", "auth_request": "everything"}[edge]
    handed_on = {"address", "handler", "permission", "nobody"} if row else {"open"}
    return route.checked if route.checked in handed_on else f"one of {sorted(handed_on)}"
