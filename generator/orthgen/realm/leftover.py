"""
Objects that the profile no longer declares: what still gives access goes at once, the rest with `--prune`.

A rule of `granted-by` that is removed from the profile must stop granting its role in the same run. So its mapper is
deleted, and its group loses the role. Nothing else of an object is lost by that, and people may use the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.changes.model import Delete, Release
from orthgen.realm.kinds import KIND_NAMED, KINDS
from orthgen.realm.kinds.flow import unused_versions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from orthgen.changes.model import Change
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject, RealmSnapshot

_NOTE = "no longer in the profile"


def withdrawals(snapshot: RealmSnapshot, desired: Mapping[Address, Resource]) -> tuple[Change, ...]:
    """Deletions of recorded mappers below objects of the profile, and groups that lose the profile's roles."""
    changes: list[Change] = []
    for address in leftover_objects(snapshot, desired):
        kind, existing = KIND_NAMED[address[0]], snapshot.objects[address]
        if kind.parent and kind.owner(address) in desired:
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
    effect = KIND_NAMED[existing.kind].deletion_effect(existing)
    return Delete(existing.address, note="; ".join(filter(None, (_NOTE, effect))))


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
    kinds = {kind.name: (position, kind) for position, kind in enumerate(KINDS)}
    leftover = [
        address
        for address in snapshot.objects
        if address in snapshot.owned
        and address not in desired
        and address[0] in kinds
        and kinds[address[0]][1].is_removable(address[2])
    ]
    deleted = set(leftover)
    # Keycloak deletes children with their parent.
    leftover = [address for address in leftover if not goes_with_parent(address, deleted)]
    leftover += unused_versions(snapshot, desired)
    return tuple(sorted(leftover, key=lambda address: (-kinds[address[0]][0], address[1:])))


def goes_with_parent(address: Address, deleted: Collection[Address]) -> bool:
    """Whether Keycloak deletes the object together with one of `deleted`."""
    kind = KIND_NAMED.get(address[0])
    return kind is not None and kind.owner(address) in deleted
