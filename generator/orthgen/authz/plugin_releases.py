"""
Releases of the authorization plugin, and the changes between them that a decision can depend on.

The facts are those of each release's own default configuration and change log. Reads one file of the
package, once; knows nothing of requests.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct
from packaging.version import Version

from orthgen.errors import OrthgenError


class UnknownRelease(OrthgenError):
    """A release of the plugin that this model does not know. `release` is what was asked for."""

    def __init__(self, release: str) -> None:
        supported = releases()
        super().__init__(
            f"release `{release}` of the authorization plugin is not known",
            hint=f"known are {supported[0]} to {supported[-1]}: {', '.join(supported)}",
        )
        self.release = release


@cache
def _tables() -> dict[str, Any]:
    text = Path(__file__).with_name("default_permissions.json").read_text(encoding="utf-8")
    tables: dict[str, Any] = json.loads(text)
    return tables


@cache
def releases() -> tuple[str, ...]:
    """Every release of the plugin that the model knows, the oldest first."""
    return tuple(_tables()["order"])


def default_rows(release: str) -> list[list[str]]:
    """
    The default `Permissions` of a release, from its own configuration file: method, pattern, permissions.

    Raises `UnknownRelease`.
    """
    tables = _tables()
    if release not in tables["order"]:
        raise UnknownRelease(release)
    return [tables["rows"][index] for index in tables["order"][release]]


def version(release: str) -> tuple[int, ...]:
    """A release as numbers that compare. Raises `UnknownRelease` for a release that is not known."""
    if release not in releases():
        raise UnknownRelease(release)
    return Version(release).release


class StandardConfiguration(Struct, frozen=True):
    """A name of `StandardConfigurations`: the settings that it adds, and its first release where that is not the oldest."""

    name: str
    since: tuple[int, ...] = ()
    headers: tuple[str, ...] = ("Authorization",)
    arguments: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    headers_since: tuple[int, ...] = ()


STANDARD_CONFIGURATIONS = (
    StandardConfiguration(
        "osimis-web-viewer",
        headers=("token",),
        arguments=("token",),
        folders=("/osimis-viewer/app/", "/osimis-viewer/languages/"),
        paths=("/osimis-viewer/config.js",),
    ),
    StandardConfiguration("stone-webviewer", folders=("/stone-webviewer/",), paths=("/system",)),
    StandardConfiguration(
        "orthanc-explorer-2",
        headers=("Authorization", "token"),
        arguments=("token",),
        folders=("/ui/app/", "/ui/landing/"),
        paths=("/", "/ui/api/pre-login-configuration", "/ui/api/configuration", "/auth/user/profile"),
    ),
    StandardConfiguration("ohif", folders=("/ohif/",), headers_since=(0, 8, 2)),
    StandardConfiguration("volview", since=(0, 8, 2), folders=("/volview/",)),
    StandardConfiguration("stl", since=(0, 10, 2), folders=("/stl/",)),
)
