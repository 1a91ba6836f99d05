"""Read context: everything that a kind needs for reading its objects from a realm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from orthgen.errors import KeycloakRefused
from orthgen.realm.admin.api import realm_path
from orthgen.realm.admin.many_requests import at_a_time
from orthgen.realm.admin.required_roles import missing_right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.realm.admin import representations
    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject

T = TypeVar("T")


class ReadContext(Struct, frozen=True):
    """One read of one kind: the admin API, the desired and the recorded objects, and the kinds that were read before."""

    api: AdminApi
    realm: representations.Realm
    desired: tuple[Resource, ...]
    """The profile's objects of this kind."""
    owned: frozenset[Address]
    """Addresses in the ownership record: created and adopted objects."""
    objects: dict[Address, ExistingObject]
    """The objects of the kinds that were read before."""
    roles: frozenset[str]
    """The realm roles of the profile and of the ownership record."""

    def path(self, *parts: str) -> str:
        """A path of the admin API below the realm; each part is one segment."""
        return realm_path(str(self.realm["realm"]), *parts)

    def of_kind(self, kind: str) -> list[ExistingObject]:
        """Every object of another kind that was read before."""
        return [existing for address, existing in self.objects.items() if address[0] == kind]

    def not_shown(self, what: str, path: str) -> KeycloakRefused:
        """The error for a list without the objects that this administrator may not see."""
        return KeycloakRefused(
            f"Keycloak does not show this administrator the {what} of the realm `{self.realm['realm']}`",
            hint=f"the administrator lacks the role {missing_right('GET', path)}",
        )

    def get_all(self, paths: Sequence[str], kind: type[T], **query: Any) -> list[T]:
        """The answers to several requests, a few at a time, in the order of `paths`."""
        return list(at_a_time(lambda path: self.api.get(path, kind, **query), paths))
