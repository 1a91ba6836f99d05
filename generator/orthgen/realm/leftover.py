"""
Objects that the profile no longer declares: what still gives access goes at once, the rest with `--prune`.

A rule of `granted-by` that is removed from the profile must stop granting its role in the same run. So its mapper is
deleted, and its group loses the role. Nothing else of an object is lost by that, and people may use the rest. In the
same way the auth-service's account loses its rights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.changes.model import Delete, Release
from orthgen.realm.kinds import KIND_NAMED, KINDS
from orthgen.realm.kinds.flow import unused_versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from orthgen.changes.model import Change
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject, RealmSnapshot

_NOTE = "no longer in the profile"


def withdrawals(snapshot: RealmSnapshot, desired: Mapping[Address, Resource]) -> tuple[Change, ...]:
    """Deletions of recorded mappers below objects of the profile and of rights, and groups that lose the profile's roles."""
    changes: list[Change] = []
    # Also those that a deletion of their parent would delete: groups below groups hold roles of their own.
    for address in _recorded_only(snapshot, desired):
        kind, existing = KIND_NAMED[address[0]], snapshot.objects[address]
        if kind.only_grants or (kind.parent and kind.owner(address) in desired):
            changes.append(_deletion(existing))
        elif kind.grants(existing):
            changes.append(_release(existing, "made by orthgen; it stays without the role until `--prune`"))
    released = (snapshot.objects[address] for address in released_objects(snapshot, desired))
    changes.extend(_release_of_others(item) for item in released if KIND_NAMED[item.kind].grants(item))
    return tuple(changes)


def removals(snapshot: RealmSnapshot, desired: Mapping[Address, Resource]) -> tuple[Change, ...]:
    """The deletion of every recorded object that the profile no longer declares, and the release of adopted ones."""
    return (
        *(_deletion(snapshot.objects[address]) for address in leftover_objects(snapshot, desired)),
        *(_release_of_others(snapshot.objects[address]) for address in released_objects(snapshot, desired)),
    )


def _deletion(existing: ExistingObject) -> Change:
    kind = KIND_NAMED[existing.kind]
    note = "; ".join(filter(None, (_NOTE, kind.deletion_effect(existing))))
    return Delete(existing.address, kind.grants(existing) if kind.only_grants else (), note=note)


def _release_of_others(existing: ExistingObject) -> Change:
    return _release(existing, "made by others, so it stays")


def _release(existing: ExistingObject, reason: str) -> Change:
    return Release(existing.address, KIND_NAMED[existing.kind].grants(existing), note=f"{_NOTE}; {reason}")


def released_objects(snapshot: RealmSnapshot, desired: Mapping[Address, Resource]) -> tuple[Address, ...]:
    """Adopted objects that the profile no longer declares."""
    return tuple(
        sorted(
            address for address in snapshot.adopted if address in snapshot.objects and address not in desired
        )
    )


def leftover_objects(snapshot: RealmSnapshot, desired: Mapping[Address, Resource]) -> tuple[Address, ...]:
    """Recorded objects that the profile no longer declares, dependent objects first."""
    leftover = set(_recorded_only(snapshot, desired))
    # Keycloak deletes children with their parent.
    alone = [address for address in leftover if not goes_with_parent(address, leftover)]
    return _dependent_first([*alone, *unused_versions(snapshot, desired)])


def _recorded_only(snapshot: RealmSnapshot, desired: Mapping[Address, Resource]) -> tuple[Address, ...]:
    return _dependent_first(
        address
        for address in snapshot.objects
        if address in snapshot.owned
        and address not in desired
        and address[0] in KIND_NAMED
        and KIND_NAMED[address[0]].is_removable(address[2])
    )


def _dependent_first(addresses: Iterable[Address]) -> tuple[Address, ...]:
    positions = {kind.name: position for position, kind in enumerate(KINDS)}
    return tuple(sorted(addresses, key=lambda address: (-positions[address[0]], address[1:])))


def goes_with_parent(address: Address, deleted: Collection[Address]) -> bool:
    """Whether Keycloak deletes the object together with one of `deleted`."""
    kind = KIND_NAMED.get(address[0])
    return kind is not None and kind.owner(address) in deleted
