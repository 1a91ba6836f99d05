"""What there is in a realm, as far as it concerns us: lists per kind, never one request for each object."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from msgspec import Struct, field

from orthgen.deployment import naming
from orthgen.errors import KeycloakUnavailable
from orthgen.realm.admin import representations
from orthgen.realm.admin.api import NotFound
from orthgen.realm.kinds import KINDS
from orthgen.realm.ownership import read_owned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orthgen.realm.admin.api import Verbs
    from orthgen.realm.kinds.base import Existing
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource

T = TypeVar("T")


class Look(Struct, frozen=True):
    """What a kind needs for reading its objects."""

    verbs: Verbs
    realm: representations.Realm
    wanted: tuple[Resource, ...]
    """The objects of this kind that we want."""
    owned: frozenset[Address]
    """The objects that we made or took over."""
    found: dict[Address, Existing]
    """What was read before: the kinds that this one depends on."""
    roles: frozenset[str]
    """The realm roles that are ours: wanted, made by us, or taken over."""

    def path(self, *parts: str) -> str:
        """A path of the admin API below the realm; each part is one segment."""
        return realm_path(str(self.realm["realm"]), *parts)

    def of_kind(self, kind: str) -> list[Existing]:
        """Every object of another kind that was read before."""
        return [existing for address, existing in self.found.items() if address[0] == kind]

    def get_all(self, paths: Sequence[str], kind: type[T], **query: Any) -> list[T]:
        """The answers to several requests, a few at a time, in the order of `paths`."""
        if len(paths) < 2:
            return [self.verbs.get(path, kind, **query) for path in paths]
        with ThreadPoolExecutor(max_workers=4) as pool:
            return list(pool.map(lambda path: self.verbs.get(path, kind, **query), paths))


class Snapshot(Struct, frozen=True):
    """A realm as it was read; `realm` is None where there is none."""

    realm: representations.Realm | None
    found: dict[Address, Existing] = field(default_factory=dict)
    owned: frozenset[Address] = frozenset()
    adopted: frozenset[Address] = frozenset()
    """What others made and the profile uses, or used."""
    revision: str = ""


def realm_path(realm: str, *parts: str) -> str:
    """A path of the admin API below `realm`; each part is one segment, quoted."""
    return "/".join(("admin/realms", quote(realm, safe=""), *(quote(part, safe="") for part in parts)))


def read_realm(verbs: Verbs, realm: str) -> representations.Realm | None:
    """The realm's settings, or None where there is no such realm."""
    try:
        found = verbs.get(realm_path(realm), representations.Realm)
    except NotFound:
        return None
    if found["realm"] != realm:
        raise KeycloakUnavailable(
            f"the answer to GET {realm_path(realm)} is about another realm",
            hint="a proxy or another program may have answered in Keycloak's place",
        )
    return found


def our_roles(wanted: Iterable[Resource], owned: Iterable[Address]) -> frozenset[str]:
    """The realm roles that are wanted, and those that we made or took over."""
    made = {key for kind, _, key in owned if kind == "realm role"}
    return frozenset(made | {resource.key for resource in wanted if resource.kind == "realm role"})


def read_snapshot(verbs: Verbs, realm: str, resources: Iterable[Resource]) -> Snapshot:
    """Read everything that `resources` and the record of what is ours speak of."""
    representation = read_realm(verbs, realm)
    if representation is None:
        return Snapshot(None)
    attributes = representation.get("attributes") or {}
    owned = read_owned(str(attributes.get(naming.OWNED_ATTRIBUTE, "")))
    adopted = read_owned(str(attributes.get(naming.ADOPTED_ATTRIBUTE, "")))
    wanted: dict[str, list[Resource]] = {}
    for resource in resources:
        wanted.setdefault(resource.kind, []).append(resource)
    found: dict[Address, Existing] = {}
    roles = our_roles(wanted.get("realm role", ()), owned | adopted)
    concerned = set(wanted) | {kind for kind, _, _ in owned | adopted}
    if "realm" in concerned:
        # Flows of ours that are no longer wanted stand in no record, and others may have added ways of signing in.
        concerned |= {"flow", "identity provider", "directory"}
    for kind in KINDS:
        if kind.name in concerned:
            look = Look(
                verbs, representation, tuple(wanted.get(kind.name, ())), owned | adopted, found, roles
            )
            for existing in list(kind.read(look)):
                found[existing.address] = existing
    revision = str(attributes.get(naming.REVISION_ATTRIBUTE, ""))
    return Snapshot(representation, found, owned, adopted, revision)
