"""Reader of the snapshot: one list for each kind, never one request for each object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.realm.admin.api import read_realm
from orthgen.realm.kinds import KINDS
from orthgen.realm.ownership import read_owned
from orthgen.realm.read_context import ReadContext
from orthgen.realm.snapshot import RealmSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject


def our_roles(wanted: Iterable[Resource], owned: Iterable[Address]) -> frozenset[str]:
    """The realm roles that are wanted, and those that we made or took over."""
    made = {key for kind, _, key in owned if kind == "realm role"}
    return frozenset(made | {resource.key for resource in wanted if resource.kind == "realm role"})


def read_snapshot(api: AdminApi, realm: str, resources: Iterable[Resource]) -> RealmSnapshot:
    """Read everything that `resources` and the record of what is ours speak of."""
    representation = read_realm(api, realm)
    if representation is None:
        return RealmSnapshot(None)
    attributes = representation.get("attributes") or {}
    owned = read_owned(str(attributes.get(naming.OWNED_ATTRIBUTE, "")))
    adopted = read_owned(str(attributes.get(naming.ADOPTED_ATTRIBUTE, "")))
    wanted: dict[str, list[Resource]] = {}
    for resource in resources:
        wanted.setdefault(resource.kind, []).append(resource)
    found: dict[Address, ExistingObject] = {}
    roles = our_roles(wanted.get("realm role", ()), owned | adopted)
    concerned = set(wanted) | {kind for kind, _, _ in owned | adopted}
    if "realm" in concerned:
        # Flows of ours that are no longer wanted stand in no record, and others may have added ways of signing in.
        concerned |= {"flow", "identity provider", "directory"}
    for kind in KINDS:
        if kind.name in concerned:
            context = ReadContext(
                api, representation, tuple(wanted.get(kind.name, ())), owned | adopted, found, roles
            )
            for existing in list(kind.read(context)):
                found[existing.address] = existing
    revision = str(attributes.get(naming.REVISION_ATTRIBUTE, ""))
    return RealmSnapshot(representation, found, owned, adopted, revision)
