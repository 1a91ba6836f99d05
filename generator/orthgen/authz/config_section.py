"""Typed access to one section of Orthanc's configuration; refuses the values that the plugin refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from orthgen.authz.auth_service import Locate
from orthgen.errors import InputError
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.yaml_io import Path

ORTHANC_DOES_NOT_START = Rule(
    "orthanc-does-not-start",
    Severity.ERROR,
    summary="Orthanc, or its authorization plugin, does not start with a value of its configuration.",
    remedy="Write a value of the type that the finding names.",
    file="orthanc.json",
    example="""
        {"Authorization": {"WebServiceRootUrl": 8000}}
    """,
)


class Section(Struct):
    """
    A JSON object under `path`, read key by key.

    A value of the wrong kind keeps the plugin, and with it Orthanc, from starting: it is noted, and
    `stop_if_refused` raises all that was noted at once.
    """

    values: Mapping[str, Any]
    path: Path = ()
    locate: Locate | None = None
    refused: list[Finding] = []

    def has(self, key: str) -> bool:
        return key in self.values

    def has_section(self, key: str) -> bool:
        return isinstance(self.values.get(key), Mapping)

    def section(self, key: str) -> Section:
        """The section below `key`, empty where there is none; what it refuses is noted in one list."""
        value = self.values.get(key)
        inner = value if isinstance(value, Mapping) else {}
        return Section(inner, (*self.path, key), self.locate, self.refused)

    def at(self, *keys: str | int) -> Location | None:
        """The position of a value; None where the source is unknown."""
        return self.locate((*self.path, *keys)) if self.locate else None

    def place(self, *keys: str | int) -> Location:
        """The position of a value, or the start of the file."""
        return self.at(*keys) or Location("orthanc.json", 1, 1)

    def refuse(self, message: str, hint: str, *keys: str | int) -> None:
        self.refused.append(Finding(ORTHANC_DOES_NOT_START, message, self.place(*keys), hint))

    def stop_if_refused(self) -> None:
        """Raise `InputError` with everything that keeps Orthanc from starting."""
        if self.refused:
            raise InputError("Orthanc does not start with this configuration", self.refused)

    def text(self, key: str, default: str = "") -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str):
            self.refuse(f"`{key}` is not text; the plugin does not start", "put it in quotes", key)
            return default
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.refuse(f"`{key}` is neither `true` nor `false`; the plugin does not start", "", key)
            return default
        return value

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A JSON object; one of the wrong kind keeps Orthanc from starting."""
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            self.refuse(f"`{key}` is not a JSON object; Orthanc does not start", "", key)
            return {}
        return value

    def words(self, key: str, *, or_text: bool = False) -> tuple[str, ...]:
        """A list of texts, or with `or_text` one text alone."""
        value = self.values.get(key, ())
        if or_text and isinstance(value, str):
            return (value,)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            self.refuse(f"`{key}` is not a list of texts; the plugin does not start", "", key)
            return ()
        return tuple(value)

    def rows(self, key: str) -> list[tuple[str, str, str]]:
        """Rows of the permission table: lists of three, whose fourth element is a comment."""
        value = self.values.get(key)
        if not isinstance(value, list | tuple):
            self.refuse(f"`{key}` is not a list; the plugin does not start", "", key)
            return []
        rows = []
        for index, row in enumerate(value):
            if not isinstance(row, list | tuple) or len(row) < 3:
                hint = '["get", "^/pattern$", "permission|permission"]'
                self.refuse("a row that is not a list of three; the plugin does not start", hint, key, index)
                continue
            rows.append((_as_text(row[0]), _as_text(row[1]), _as_text(row[2])))
        return rows


def _as_text(value: object) -> str:
    """JSON values as the plugin turns them into text: null is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
