"""
The table of all routes (`tests/authz/routes.yaml`), the page that is made of it, and what rendered files say of a route.

Reads our own files only; the test on a real Orthanc holds the table against Orthanc's own description.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.products.nginx import nginx_files
from orthgen.products.orthanc import orthanc_settings
from tests.support.builders import make_deployment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.deployment.model import Deployment

TABLE = Path(__file__).parents[1] / "authz/routes.yaml"

CHECKED = {
    "address": "the authorization plugin checks the study in the address; no other part of the request can name a study",
    "handler": "the plugin's own handler reads the body or the arguments, and limits the request to the caller's labels",
    "guard": "the guard's script reads the body or the answer, and asks Orthanc with the caller's tokens about each listed study",
    "everything": "nginx asks first whether the caller sees every study, and refuses others",
    "permission": "the plugin checks the permission; the route concerns no study of this archive",
    "open": "no part checks it: the answer has nothing that the caller does not know",
    "nobody": "the plugin checks the permission; no part checks the other studies that the request names",
    "no row": "the plugin's table has no row for the route, so the plugin refuses it",
    "not public": "nginx answers 404",
}
"""The words of `checked`."""

_ALTERNATIVES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_ID = "-".join(["0" * 8] * 5)


@dataclass(frozen=True)
class Route:
    """One method of one path, with the group of the table that it stands in."""

    method: str
    path: str
    checked: str
    takes: tuple[str, ...] | None

    @property
    def example(self) -> str:
        """A path that the route answers."""
        path = re.sub(r"^/(modalities|peers|dicom-web/servers|worklists)/\{id\}", r"/\1/name", self.path)
        path = path.replace("{id}", _ID).replace("{uid}", "1.2")
        return re.sub(r"\{(frame|index|number)\}", "0", path).replace("{", "").replace("}", "")


@cache
def groups(part: str) -> tuple[dict[str, Any], ...]:
    """The groups of `orthanc` or `plugins` as they stand in the file."""
    return tuple(yaml.load(TABLE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)[part])


def routes(*parts: str) -> tuple[Route, ...]:
    """Every route of the parts."""
    return tuple(
        Route(method, path, group["checked"], tuple(group["takes"]) if "takes" in group else None)
        for part in parts
        for group in groups(part)
        for request in group["requests"]
        for method, path in expanded(request)
    )


def expanded(request: str) -> Iterator[tuple[str, str]]:
    """Method and path for each of the alternatives in braces."""
    method, _, path = request.partition(" ")
    pieces = _ALTERNATIVES.split(path)
    choices = [piece.split(",") if index % 2 else [piece] for index, piece in enumerate(pieces)]
    for chosen in itertools.product(*choices):
        yield method, "".join(chosen)


# ------------------------------------------------------------------------------------- what rendered files say


@cache
def deployment_with_everything() -> Deployment:
    """A deployment with every viewer and feature that adds a route."""
    return make_deployment(
        viewers="{ohif: {}, stone: {}, volview: {}, wsi: {}, stl: {}}",
        sharing="{viewer: stone}",
        archive="{worklists: true, audit-log: true}",
    )


@cache
def _plugin() -> PluginConfiguration:
    deployment = deployment_with_everything()
    return PluginConfiguration.compile(
        orthanc_settings(deployment), deployment.release.components["authorization"]
    )


def permissions(route: Route) -> tuple[str, ...] | None:
    """The permissions of the row that decides on the route; None where no row does."""
    row = _plugin().table.match(route.method.lower(), route.example.encode())
    return None if row is None else row.row.permissions


def at_the_edge(path: str) -> str:
    """What nginx does with a path: `script`, `auth_request`, `refused` or `handed on`."""
    for pattern, body in _locations():
        if re.search(pattern, path):
            if "js_content" in body or "error_page 403 = @" in body:
                return "script"
            if "auth_request" in body:
                return "auth_request"
            return "refused" if re.search(r"^\s*return 404;", body, re.MULTILINE) else "handed on"
    return "handed on" if public_name(path) in _public_names() else "refused"


def public_name(path: str) -> str:
    """The name by which public-paths.conf knows a path."""
    tool = re.fullmatch(r"/(tools/[a-z-]+)/?", path)
    folder = re.match(r"/([a-z0-9-]+)(?:/|$)", path)
    return tool[1] if tool else folder[1] if folder else ""


@cache
def _locations() -> tuple[tuple[str, str], ...]:
    """The regular expressions of the site's locations in their order, each with its directives."""
    site = _nginx_text("conf.d/site.conf")
    locations = re.findall(r"^    location ~ (\S+) \{\n(.*?)^    \}", site, re.MULTILINE | re.DOTALL)
    return tuple((pattern.replace("(?<", "(?P<", 1), body) for pattern, body in locations)


@cache
def _public_names() -> frozenset[str]:
    return frozenset(re.findall(r"^    (\S+) +0;", _nginx_text("snippets/public-paths.conf"), re.MULTILINE))


def _nginx_text(name: str) -> str:
    (text,) = (
        file.text for file in nginx_files(deployment_with_everything()) if file.path == f"nginx/{name}"
    )
    return text


# ------------------------------------------------------------------------------------------------------ the page

_INTRODUCTION = """\
# Every route of Orthanc, and the part that checks it

For people who change the guard or add a release. Made from `tests/authz/routes.yaml` by `python -m tests.support.regenerate`.

The authorization plugin compares labels for the study in the address of a request only. A body, an argument or a header can
name studies too. This page lists every route that Orthanc (1.12.7 to 1.13.0) describes (`Orthanc --openapi`), every route of
the plugins, and the parts of each request that the route reads besides its address. Requests that can touch the same, and read
the same, stand together; one of the named permissions is enough for a request.

`tests/real/test_orthanc_routes.py` fails if Orthanc has a route or an argument that is not in the table.
`tests/authz/test_routes.py` fails if a row of the permission table has no route, or if the rendered files do not check a route
as the table says.

| checked by | means |
|---|---|
"""


def routes_page() -> str:
    """The whole page, Markdown, with a final newline."""
    lines = [_INTRODUCTION + "\n".join(f"| {word} | {meaning} |" for word, meaning in CHECKED.items())]
    for title, part in (("Orthanc", "orthanc"), ("Plugins", "plugins")):
        lines += ["", f"## {title}"]
        lines += [
            line
            for word in sorted(CHECKED, key=_dangerous_first)
            for line in _section(word, [group for group in groups(part) if group["checked"] == word])
        ]
    return "\n".join(lines) + "\n"


def _dangerous_first(word: str) -> int:
    order = (
        "nobody",
        "guard",
        "handler",
        "everything",
        "permission",
        "address",
        "open",
        "no row",
        "not public",
    )
    return order.index(word)


def _section(word: str, groups: Sequence[dict[str, Any]]) -> Iterator[str]:
    if groups:
        yield from ("", f"### Checked by: {word}")
        for group in groups:
            yield from ("", *_group(group))


def _group(group: dict[str, Any]) -> Iterator[str]:
    """What the requests of a group can touch and read, and the requests by the permissions that they need."""
    yield f"**Can touch:** {group['touches']}"
    kinds: dict[str, list[str]] = {}
    for kind, _, name in (taken.partition(" ") for taken in group.get("takes", ())):
        kinds.setdefault(kind, []).append(f"`{name}`" if not name.startswith("(") else name.strip("()"))
    if kinds:
        subject = "These requests read, each some of" if len(group["requests"]) > 1 else "The request reads"
        yield from (
            "",
            f"{subject}: {'; '.join(f'{kind} ' + ', '.join(names) for kind, names in kinds.items())}.",
        )
    by_permissions: dict[str, list[str]] = {}
    for request in group["requests"]:
        method, path = next(expanded(request))
        needed = permissions(Route(method, path, group["checked"], None))
        words = "no row" if needed is None else " or ".join(f"`{word}`" for word in needed) or "none"
        by_permissions.setdefault(words, []).append(f"`{request}`")
    yield from ("", "| permission | requests |", "|---|---|")
    yield from (f"| {words} | {'<br>'.join(requests)} |" for words, requests in by_permissions.items())
