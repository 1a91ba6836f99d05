"""What others added to objects of the profile: mappers below them, and ways of signing in beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.changes.model import Change, Delete
from orthgen.realm.fields import field_change
from orthgen.realm.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.changes.model import FieldChange
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject, RealmSnapshot

_TYPES = ("protocolMapper", "identityProviderMapper", "providerId")
_SIGN_INS = {
    "identity provider": "its people can sign in, and the profile does not name it",
    "directory": "its people can sign in, and the profile does not name it",
}


def undeclared_children(snapshot: RealmSnapshot, wanted: Mapping[Address, Resource]) -> Iterator[Change]:
    """
    Mappers of clients, providers and directories of the profile that the profile does not ask for.

    Those that we made ourselves are leftovers of an earlier profile, which `--prune` takes away.
    """
    parents = {kind.name: kind.parent for kind in KINDS if kind.parent}
    for address, existing in sorted(snapshot.objects.items(), key=lambda item: item[0]):
        kind, parent, _ = address
        if kind not in parents or address in wanted or address in snapshot.owned:
            continue
        if (parents[kind], "", parent) in wanted:
            yield Delete(
                address, tuple(_content(existing)), note=f"added to {parents[kind]} {parent} by others"
            )


def undeclared_sign_ins(snapshot: RealmSnapshot, wanted: Mapping[Address, Resource]) -> Iterator[Change]:
    """Ways of signing in to the profile's own realm that are not the profile's."""
    if not any(kind == "realm" for kind, _, _ in wanted):
        return
    for address, existing in snapshot.objects.items():
        if address[0] not in _SIGN_INS or address in wanted or address in snapshot.owned:
            continue
        if _is_enabled(existing.representation):
            yield Delete(address, note=_SIGN_INS[address[0]])


def _is_enabled(representation: Mapping[str, Any]) -> bool:
    enabled = representation.get("enabled", (representation.get("config") or {}).get("enabled"))
    return enabled not in (False, ["false"])


def _content(existing: ExistingObject) -> Iterator[FieldChange]:
    """The type and the settings of a mapper, which say what it does."""
    for name in _TYPES:
        if name in existing.representation:
            yield field_change(name, existing.representation[name], None)
    for name, value in sorted((existing.representation.get("config") or {}).items()):
        yield field_change(f"config.{name}", value, None)
