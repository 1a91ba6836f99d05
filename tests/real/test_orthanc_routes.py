"""
Orthanc's own description of its interface, held against the table of routes (`tests/authz/routes.yaml`).

A release that brings a route, or a new argument of one that can be asked for, fails here until the table says what it
can touch and who looks at that. Plugins describe nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.real import container, parts
from tests.support.real.container import Mount
from tests.support.routes import routes

# Orthanc describes some routes by what a server on the internet answers. Where it cannot be asked, the log names them.
_UNDESCRIBED = re.compile(r"Ignoring URI without API documentation: (\w+) (\S+)")


@pytest.fixture(params=parts.suites())
def described(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[tuple[str, str], frozenset[str]]:
    """Method and path to what the route reads, as the Orthanc of each Debian says."""
    configuration, written = tmp_path / "orthanc.json", tmp_path / "written"
    configuration.write_text("{}", encoding="utf-8")
    written.mkdir()
    line = container.command_line(
        parts.debian(request.param),
        ["/usr/sbin/Orthanc", "--openapi=/written/openapi.json", "/etc/orthanc/orthanc.json"],
        work=tmp_path / "orthanc",
        mounts={"/etc/orthanc/orthanc.json": configuration, "/written": Mount(written, writable=True)},
    )
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    description = json.loads((written / "openapi.json").read_text(encoding="utf-8"))
    found = {
        (method.upper(), path): frozenset(_reads(operation))
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    for method, path in _UNDESCRIBED.findall(done.stdout + done.stderr):
        found.setdefault((method, path), frozenset())
    return found


def _reads(operation: Mapping[str, Any]) -> set[str]:
    places = {"query": "argument", "header": "header"}
    found = {
        f"{places[one['in']]} {one['name']}" for one in operation.get("parameters", []) if one["in"] != "path"
    }
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        members = content.get("schema", {}).get("properties", {})
        found |= {f"body {name}" for name in members} or {f"body ({kind})"}
    return found


def test_every_route_of_orthanc_is_judged(described: Mapping[tuple[str, str], frozenset[str]]) -> None:
    """No route is unknown to the table, and the table knows none that Orthanc has not."""
    table = {(route.method, route.path) for route in routes("orthanc")}

    assert len(described) > 250
    assert sorted(described.keys() ^ table) == []


def test_whatever_a_route_reads_is_judged(described: Mapping[tuple[str, str], frozenset[str]]) -> None:
    """No argument, header or member of a body of a route that can be asked for is unknown to the table."""
    unknown = {
        f"{route.method} {route.path}": sorted(new)
        for route in routes("orthanc")
        if route.takes is not None
        and (new := described.get((route.method, route.path), frozenset()) - set(route.takes))
    }

    assert unknown == {}
