"""A stand-in for Orthanc Explorer 2: its configuration routes, and a page that signs in and lists studies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PAGES = Path(__file__).parent / "pages"
_KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}
_Answer = tuple[int, dict[str, str], bytes]


def answer(configuration: Mapping[str, Any], method: str, target: str) -> _Answer | None:
    """A page or a configuration of Explorer 2's, or None where Orthanc answers."""
    section = configuration.get("OrthancExplorer2")
    path = target.partition("?")[0]
    if not isinstance(section, Mapping) or method not in ("GET", "HEAD"):
        return None
    root = section.get("Root", "/ui/")
    if path == "/" and section.get("IsDefaultOrthancUI", True):
        return 302, {"Location": root.lstrip("/") + "app/"}, b""
    if path == f"{root}api/pre-login-configuration":
        return _json({"Keycloak": section.get("Keycloak"), "Inbox": section.get("Inbox")})
    if path == f"{root}api/configuration":
        options = {name: section.get(name) for name in ("UiOptions", "Tokens", "Keycloak", "CustomTitle")}
        return _json({**options, "Plugins": {}, "SystemInfo": {}})
    if path.startswith(f"{root}app/"):
        page = _PAGES / (path.removeprefix(f"{root}app/") or "index.html")
        known = page.is_file() and page.parent == _PAGES
        # Explorer 2's own router takes what is no file.
        page = page if known else _PAGES / "index.html"
        return 200, {"Content-Type": _KINDS[page.suffix]}, page.read_bytes()
    return None


def _json(value: object) -> _Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()
