"""Snapshot of a realm: the server's objects of the kinds in the profile or the ownership record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from orthgen.realm.admin import representations
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Representation


class ExistingObject(Struct, frozen=True):
    """One object of the server; `id` is the server's id, empty for kinds that are addressed by key."""

    kind: str
    key: str
    representation: Representation
    parent: str = ""
    id: str = ""

    @property
    def address(self) -> Address:
        """The object's identity in the realm."""
        return (self.kind, self.parent, self.key)


class RealmSnapshot(Struct, frozen=True):
    """The objects of one realm; `realm` is None where it does not exist."""

    realm: representations.Realm | None
    objects: dict[Address, ExistingObject] = field(default_factory=dict)
    owned: frozenset[Address] = frozenset()
    adopted: frozenset[Address] = frozenset()
    """Recorded objects of others that the profile uses, or used."""
    revision: str = ""
