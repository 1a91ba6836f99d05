"""Pieces of a Compose file as people paste them: services without `services:`, the inside of one, its variables."""

from __future__ import annotations

import re
from collections.abc import Mapping

from orthgen.formats.yaml_io import Document, placed_below

# What a text must have for a try.
MARKS = re.compile(
    r"(?m)^[ \t]*(?:image|build|environment):|\A\s*- [\"']?(?:ORTHANC__|KC_)\w+=",
)
_OF_SERVICE = frozenset({"image", "build", "environment"})
_ASSIGNED = re.compile(r"(?P<name>[A-Za-z_]\w*)=")
_NAMES = (
    ("orthanc", re.compile(r"ORTHANC__|ORTHANC_JSON|\w+_PLUGIN_ENABLED")),
    ("keycloak", re.compile(r"KC_|KEYCLOAK_ADMIN")),
    ("orthanc-auth-service", re.compile(r"SECRET_KEY$|USERS$|PUBLIC_\w+_ROOT$|ENABLE_KEYCLOAK")),
    ("nginx", re.compile(r"ENABLE_")),
    ("postgres", re.compile(r"POSTGRES_")),
)


def completed(document: Document) -> Document | None:
    """The Compose file that a piece of one belongs to; None for another document."""
    value = document.value
    if isinstance(value, list):
        name = _service_of(value) if value and all(map(_is_assignment, value)) else ""
        return placed_below(document, "services", name, "environment") if name else None
    if not isinstance(value, Mapping) or not value:
        return None
    if all(isinstance(each, Mapping) for each in value.values()) and any(
        _OF_SERVICE & each.keys() for each in value.values()
    ):
        return placed_below(document, "services")
    if "image" in value or "environment" in value:
        name = _service_of(value.get("environment"))
        return placed_below(document, "services", name or "service")
    return None


def _is_assignment(element: object) -> bool:
    return isinstance(element, str) and _ASSIGNED.match(element) is not None


def _service_of(variables: object) -> str:
    """The usual name of the service that reads a variable; empty where none is known."""
    listed = variables if isinstance(variables, list | Mapping) else ()
    names = [str(each).partition("=")[0] for each in listed]
    return next(
        (service for service, pattern in _NAMES if any(pattern.match(name) for name in names)),
        "",
    )
