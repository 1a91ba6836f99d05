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
    """What happens to the fields of one representation that a kind does not declare."""

    watched: Mapping[str, Any] = field(default_factory=dict)
    """The value that each has to keep; a map's keys are watched one by one."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """The reason why each is not compared; `attributes.NAME` for a key of a map."""
    closed: frozenset[str] = frozenset()
    """Maps in which an unknown key is a difference."""

    def differences(
        self, declared: Mapping[str, Any], existing: Mapping[str, Any]
    ) -> tuple[FieldChange, ...]:
        """The undeclared fields that are not as they have to be."""
        return tuple(self._differences(declared, existing))

    def _differences(self, declared: Mapping[str, Any], existing: Mapping[str, Any]) -> Iterator[FieldChange]:
        for name, wanted in self.watched.items():
            if isinstance(wanted, dict) or name in self.closed:
                continue
            if name not in declared and name in existing and not same(wanted, existing[name]):
                yield field_change(name, existing[name], wanted)
        maps = {name: value for name, value in self.watched.items() if isinstance(value, dict)}
        for name in sorted({*maps, *self.closed}):
            yield from self._in_map(name, maps.get(name, {}), declared.get(name) or {}, existing.get(name))

    def _in_map(
        self, name: str, watched: Mapping[str, Any], declared: Mapping[str, Any], existing: Any
    ) -> Iterator[FieldChange]:
        for key, found in sorted((existing or {}).items()):
            path = f"{name}.{key}"
            if key in declared or path in self.ignored:
                continue
            if key in watched:
                if not same(watched[key], found):
                    yield field_change(path, found, watched[key])
            elif name in self.closed and not _is_off(found):
                yield field_change(path, found, None)

    def reset(self, declared: Mapping[str, Any], existing: Representation) -> Representation:
        """The representation with every undeclared field as it has to be; an empty value takes a key of a map away."""
        result = dict(existing)
        for change in self.differences(declared, existing):
            name, _, key = change.path.partition(".")
            value = self.watched.get(name)
            if key:
                nothing: Any = [] if isinstance(result[name][key], list) else ""
                wanted = value.get(key, nothing) if isinstance(value, dict) else nothing
                result[name] = {**result[name], key: wanted}
            else:
                result[name] = value
        return result


def _is_off(value: Any) -> bool:
    """Whether the value of a key that nobody knows is what the admin console writes for a switch that is off."""
    return same(None, value) or value in ("false", ["false"], [""])


_SENSITIVE = ("secret", "password", "bindcredential")


def field_change(path: str, before: Any, after: Any) -> FieldChange:
    """One field; where it may hold a secret, without its values."""
    if any(word in path.lower() for word in _SENSITIVE) and isinstance(before, str):
        return FieldChange(path, None, None, sensitive=True)
    return FieldChange(path, before, after)
