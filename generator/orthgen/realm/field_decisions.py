"""
Rules for every field of Keycloak's representations: declared by a kind, watched, or ignored.

A watched field is not in the profile and changes the rights of somebody: it has to keep the value that Keycloak gives
to a new object, and another value is a difference. A field that the server does not send is unknown to its version.
In a closed map (`attributes`, `config`), every key that is not declared, watched or ignored is a difference too. Tests
compare the lists with the classes of each supported Keycloak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from orthgen.changes.diff import same
from orthgen.changes.model import FieldChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.realm.resource import Representation


class UndeclaredFields(Struct, frozen=True):
    """Rules for the fields of one representation that a kind does not declare."""

    watched: Mapping[str, Any] = field(default_factory=dict)
    """Fields with the values that they have to keep; a map's keys are watched one by one."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """Fields that are not compared, with reasons; `attributes.NAME` for a key of a map."""
    closed: frozenset[str] = frozenset()
    """Maps in which an unknown key is a difference."""

    def differences(
        self, declared: Mapping[str, Any], existing: Mapping[str, Any]
    ) -> tuple[FieldChange, ...]:
        """Undeclared fields with another value than they have to keep."""
        return tuple(self._differences(declared, existing))

    def _differences(self, declared: Mapping[str, Any], existing: Mapping[str, Any]) -> Iterator[FieldChange]:
        for name, expected in self.watched.items():
            if isinstance(expected, dict) or name in self.closed:
                continue
            if name not in declared and name in existing and not same(expected, existing[name]):
                yield field_change(name, existing[name], expected)
        maps = {name: value for name, value in self.watched.items() if isinstance(value, dict)}
        for name in sorted({*maps, *self.closed}):
            yield from self._in_map(name, maps.get(name, {}), declared.get(name) or {}, existing.get(name))

    def _in_map(
        self, name: str, watched: Mapping[str, Any], declared: Mapping[str, Any], existing: Any
    ) -> Iterator[FieldChange]:
        for key, value in sorted((existing or {}).items()):
            path = f"{name}.{key}"
            if key in declared or path in self.ignored:
                continue
            if key in watched:
                if not same(watched[key], value):
                    yield field_change(path, value, watched[key])
            elif name in self.closed and not _is_off(value):
                yield field_change(path, value, None)

    def reset(self, declared: Mapping[str, Any], existing: Representation) -> Representation:
        """The representation with every watched field corrected; an empty value removes a key of a map."""
        result = dict(existing)
        for change in self.differences(declared, existing):
            name, _, key = change.path.partition(".")
            value = self.watched.get(name)
            if key:
                empty: Any = [] if isinstance(result[name][key], list) else ""
                expected = value.get(key, empty) if isinstance(value, dict) else empty
                result[name] = {**result[name], key: expected}
            else:
                result[name] = value
        return result


def _is_off(value: Any) -> bool:
    """Whether the value of an unknown key means off, in the admin console's spellings."""
    return same(None, value) or value in ("false", ["false"], [""])


_SENSITIVE = ("secret", "password", "bindcredential")


def field_change(path: str, before: Any, after: Any) -> FieldChange:
    """Change of one field; without values where it may hold a secret."""
    if any(part in path.lower() for part in _SENSITIVE) and isinstance(before, str):
        return FieldChange(path, None, None, sensitive=True)
    return FieldChange(path, before, after)
