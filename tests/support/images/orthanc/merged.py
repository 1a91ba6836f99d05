"""Orthanc's configuration as the image makes it: files, then variables, then secrets, then the image's own defaults."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SECRETS = Path("/run/secrets")

_NAMES = {"POSTGRESQL": "PostgreSQL", "OHIF": "OHIF"}
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*))")

LIBRARIES = {
    "DicomWeb": ("libOrthancDicomWeb.so",),
    "PostgreSQL": ("libOrthancPostgreSQLIndex.so", "libOrthancPostgreSQLStorage.so"),
    "MultitenantDicom": ("libMultitenantDicom.so",),
    "Gdcm": ("libOrthancGdcm.so",),
    "Housekeeper": ("libHousekeeper.so",),
    "DelayedDeletion": ("libDelayedDeletion.so",),
    "WholeSlideImaging": ("libOrthancWSI.so",),
}
"""
The libraries that Debian has, by the section that enables them.

Not `Worklists`: Debian's plugin of that section is the older sample, which serves a folder of files and ends Orthanc without
one. The image's plugin keeps worklists in Orthanc's database.
"""

_SWITCHES = {
    "DICOM_WEB_PLUGIN_ENABLED": "DicomWeb",
    "GDCM_PLUGIN_ENABLED": "Gdcm",
    "HOUSEKEEPER_PLUGIN_ENABLED": "Housekeeper",
    "POSTGRESQL_PLUGIN_ENABLED": "PostgreSQL",
    "WSI_PLUGIN_ENABLED": "WholeSlideImaging",
}
_DEFAULTS: dict[str, Any] = {
    "AuthenticationEnabled": True,
    "RemoteAccessAllowed": True,
    "StorageDirectory": "/var/lib/orthanc/db",
    "Plugins": ["/run/orthanc/plugins", "/usr/share/orthanc/plugins"],
    "HttpsCACertificates": "/etc/ssl/certs/ca-certificates.crt",
}
_PLUGIN_DEFAULTS: dict[str, Any] = {
    "PostgreSQL": {"EnableIndex": True, "EnableStorage": False, "Lock": False},
    "DicomWeb": {"Enable": True},
    "OrthancExplorer2": {"Enable": True, "IsDefaultOrthancUI": True},
}


def configuration() -> dict[str, Any]:
    """The whole configuration, secrets included."""
    merged: dict[str, Any] = {}
    for file in (*sorted(Path("/etc/orthanc").glob("*.json")), *sorted(SECRETS.glob("*.json"))):
        _merge(merged, _parsed(file.read_text(encoding="utf-8")), str(file))
    for name, value in (*os.environ.items(), *_secrets()):
        if name.startswith("ORTHANC__"):
            _merge(merged, _as_tree(name, value), name)
    _complete(merged, _DEFAULTS)
    _complete(merged, {name: more for name, more in _PLUGIN_DEFAULTS.items() if name in merged})
    return merged


def enabled(merged: Mapping[str, Any]) -> list[str]:
    """The sections whose plugins are loaded: those that are there, unless a variable says otherwise."""
    switched = {section: os.environ[name] for name, section in _SWITCHES.items() if name in os.environ}
    return [
        section
        for section in LIBRARIES
        if (section in merged or section in switched) and switched.get(section) != "false"
    ]


def _secrets() -> Iterator[tuple[str, str]]:
    named = {
        value: name.removesuffix("_SECRET") for name, value in os.environ.items() if name.endswith("_SECRET")
    }
    for file in sorted(SECRETS.glob("*")):
        if file.is_file():
            yield named.get(file.name, file.name), file.read_text(encoding="utf-8").rstrip("\n")


def _parsed(text: str) -> dict[str, Any]:
    filled = _VARIABLE.sub(lambda match: os.environ.get(match[1] or match[2], ""), text)
    return dict(json.loads(_COMMENT.sub(lambda match: match[1] or "", filled)))


def _as_tree(name: str, value: str) -> dict[str, Any]:
    try:
        tree: Any = json.loads(value)
    except ValueError:
        tree = value
    for part in reversed(name.split("__")[1:]):
        key = _NAMES.get(part) or "".join(word.capitalize() for word in part.split("_"))
        tree = {key: tree}
    return dict(tree)


def _merge(into: dict[str, Any], more: Mapping[str, Any], source: str) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value, source)
            continue
        if key in into:
            sys.stderr.write(f"WARNING: {key} has been set before; {source} replaces it\n")
        into[key] = value


def _complete(into: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    for key, value in defaults.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _complete(into[key], value)
        else:
            into.setdefault(key, value)
