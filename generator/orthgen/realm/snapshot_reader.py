"""Reader of the snapshot: one list for each kind, never one request for each object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.realm.admin.api import read_realm
from orthgen.realm.hidden_objects import raise_if_hidden
from orthgen.realm.kinds import KINDS, realm_role
from orthgen.realm.kinds import realm as realm_kind
from orthgen.realm.ownership import read_owned
from orthgen.realm.read_context import ReadContext
from orthgen.realm.snapshot import RealmSnapshot
from orthgen.realm.supported_versions import check_supported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject


def managed_roles(desired: Iterable[Resource], owned: Iterable[Address]) -> frozenset[str]:
    """Realm roles of the profile and of the ownership record."""
    recorded = {key for kind, _, key in owned if kind == realm_role.KIND.name}
    return frozenset(
        recorded | {resource.key for resource in desired if resource.kind == realm_role.KIND.name}
    )


def read_snapshot(api: AdminApi, realm: str, resources: Iterable[Resource]) -> RealmSnapshot:
    """Read every kind that `resources` or the ownership record names."""
    settings = read_realm(api, realm)
    if settings is None:
        return RealmSnapshot(None)
    check_supported(settings)
    raise_if_hidden(api, settings)
    attributes = settings.get("attributes") or {}
    owned = read_owned(str(attributes.get(naming.OWNED_ATTRIBUTE, "")))
    adopted = read_owned(str(attributes.get(naming.ADOPTED_ATTRIBUTE, "")))
    desired: dict[str, list[Resource]] = {}
    for resource in resources:
        desired.setdefault(resource.kind, []).append(resource)
    objects: dict[Address, ExistingObject] = {}
    roles = managed_roles(desired.get(realm_role.KIND.name, ()), owned | adopted)
    kinds = set(desired) | {kind for kind, _, _ in owned | adopted}
    if realm_kind.KIND.name in kinds:
        kinds |= {kind.name for kind in KINDS if kind.read_with_realm}
    for kind in KINDS:
        if kind.name in kinds:
            context = ReadContext(
                api, settings, tuple(desired.get(kind.name, ())), owned | adopted, objects, roles
            )
            for existing in list(kind.read(context)):
                objects[existing.address] = existing
    revision = str(attributes.get(naming.REVISION_ATTRIBUTE, ""))
    return RealmSnapshot(settings, objects, owned, adopted, revision)
