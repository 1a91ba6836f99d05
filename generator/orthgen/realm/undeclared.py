"""Objects that others added beside the profile's: mappers of its clients, and sign-in methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.changes.model import Change, Delete
from orthgen.realm.field_decisions import field_change
from orthgen.realm.kinds import KIND_NAMED, realm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.changes.model import FieldChange
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject, RealmSnapshot

_TYPES = ("protocolMapper", "identityProviderMapper", "providerId")


def undeclared_children(snapshot: RealmSnapshot, desired: Mapping[Address, Resource]) -> Iterator[Change]:
    """
    Mappers that the profile does not declare, below its clients, providers and directories.

    Recorded mappers are not among them: they are leftovers of an earlier profile (module `leftover`).
    """
    for address, existing in sorted(snapshot.objects.items(), key=lambda item: item[0]):
        kind = KIND_NAMED.get(address[0])
        if kind is None or not kind.parent or address in desired or address in snapshot.owned:
            continue
        if kind.owner(address) in desired:
            note = f"added to {kind.parent} {existing.parent} by others"
            effect = kind.deletion_effect(existing)
            yield Delete(address, tuple(_content(existing)), note="; ".join(filter(None, (note, effect))))


def undeclared_sign_ins(
    snapshot: RealmSnapshot, desired: Mapping[Address, Resource], *, is_pruned: bool
) -> Iterator[Change]:
    """
    Enabled sign-in methods of an exclusive realm that the profile does not declare.

    Those of an earlier profile are among them, unless the plan prunes them: their people can sign in.
    """
    if not any(kind == realm.KIND.name for kind, _, _ in desired):
        return
    for address, existing in snapshot.objects.items():
        kind = KIND_NAMED.get(address[0])
        if kind is None or not kind.undeclared_note or address in desired:
            continue
        if is_pruned and address in snapshot.owned:
            continue
        if _is_enabled(existing.representation):
            yield Delete(address, note=kind.undeclared_note)


def _is_enabled(representation: Mapping[str, Any]) -> bool:
    enabled = representation.get("enabled", (representation.get("config") or {}).get("enabled"))
    return enabled not in (False, ["false"])


def _content(existing: ExistingObject) -> Iterator[FieldChange]:
    """The type and the settings of a mapper."""
    for name in _TYPES:
        if name in existing.representation:
            yield field_change(name, existing.representation[name], None)
    for name, value in sorted((existing.representation.get("config") or {}).items()):
        yield field_change(f"config.{name}", value, None)
