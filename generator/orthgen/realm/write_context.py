"""Write context: requests, ids, secret values and attributes for changes of one realm."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orthgen.errors import KeycloakConflict
from orthgen.realm.admin import representations
from orthgen.realm.admin.api import OutcomeUnknown, realm_path
from orthgen.realm.resource import FlowUse, SecretUse, replace_uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Representation, Resource
    from orthgen.realm.snapshot import RealmSnapshot


@dataclass(slots=True)
class WriteContext:
    """Access of one run to one realm."""

    api: AdminApi
    realm: str
    snapshot: RealmSnapshot
    secret: Callable[[str], str]
    aliases: Mapping[str, str]
    """The alias of each flow, by its name without version."""
    secret_updates: frozenset[Address] = frozenset()
    """Addresses of the updates that write secrets; other updates send none."""
    updates: frozenset[Address] = frozenset()
    """Addresses of all updates of the plan."""
    resets_undeclared: bool = True
    """Whether an update also corrects watched fields that the profile does not declare."""
    _ids: dict[Address, str] = field(default_factory=dict)
    _roles: dict[str, Representation] = field(default_factory=dict)
    _scopes: dict[str, str] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def path(self, *parts: str) -> str:
        """A path of the admin API below the realm; each part is one segment."""
        return realm_path(self.realm, *parts)

    def register_id(self, address: Address, identifier: str) -> None:
        """Store the id of a new object."""
        with self._lock:
            self._ids[address] = identifier

    def create(self, path: str, body: Any) -> str:
        """Create an object and return its id; raises OutcomeUnknown where Keycloak does not tell the id."""
        identifier = self.api.post(path, body)
        if not identifier:
            raise OutcomeUnknown(f"Keycloak does not tell the id of what POST {path} made")
        return identifier

    def id_of(self, kind: str, key: str) -> str:
        """The id of an object without a parent, which this run read or created."""
        address = (kind, "", key)
        existing = self.snapshot.objects.get(address)
        identifier = self._ids.get(address) or (existing.id if existing is not None else "")
        if not identifier:
            raise KeycloakConflict(
                f"{kind} `{key}` is not in the realm `{self.realm}`, where it has to be",
                hint="another program may be changing the realm; run again",
            )
        return identifier

    def fields(self, resource: Resource, *, create: bool = False) -> Representation:
        """
        The declared fields for a request.

        A secret's value is in them only where the run writes it; Keycloak keeps a field that is not sent.
        """
        with_secrets = create or resource.address in self.secret_updates
        declared = {**resource.fields, **(resource.create_only if create else {})}
        result: Representation = replace_uses(
            declared if with_secrets else _without_values(declared), self._replacement
        )
        return result

    def _replacement(self, use: SecretUse | FlowUse) -> str:
        if isinstance(use, FlowUse):
            return self.aliases.get(use.name, use.first)
        return use.reference if use.through == "vault" else self.secret(use.name)

    def roles(self, names: Iterable[str]) -> list[Representation]:
        """Realm roles by name, in the form of role mappings; the list is read again where a role is missing."""
        requested = list(names)
        with self._lock:
            if any(name not in self._roles for name in requested):
                listed = self.api.get(
                    self.path("roles"), list[representations.Role], briefRepresentation="true"
                )
                self._roles = {role["name"]: {"id": role["id"], "name": role["name"]} for role in listed}
            return [self._roles[name] for name in requested if name in self._roles]

    def client_scope(self, name: str) -> str:
        """The id of a client scope of the realm, or an empty text."""
        with self._lock:
            if not self._scopes:
                listed = self.api.get(self.path("client-scopes"), list[representations.ClientScope])
                self._scopes = {scope["name"]: scope["id"] for scope in listed}
            return self._scopes.get(name, "")

    def client_roles(self, client_id: str, names: Iterable[str]) -> list[Representation]:
        """Roles of a client by name."""
        listed = self.api.get(self.path("clients", client_id, "roles"), list[representations.Role])
        by_name = {role["name"]: {"id": role["id"], "name": role["name"]} for role in listed}
        return [by_name[name] for name in names if name in by_name]

    def put_realm(self, fields: Mapping[str, Any]) -> None:
        """
        Change some of the realm's settings.

        Keycloak keeps settings that are not sent, but replaces all `attributes`: so they are read again and the new ones
        merged in. An attribute with an empty value is removed.
        """
        body = dict(fields)
        if "attributes" in body:
            current = self.api.get(self.path(), representations.Realm).get("attributes") or {}
            attributes = {**current, **body["attributes"]}
            body["attributes"] = {name: value for name, value in attributes.items() if value != ""}
        self.api.put(self.path(), body)


def _without_values(value: Any) -> Any:
    """`value` without secrets that have no vault reference."""
    if isinstance(value, dict):
        return {name: _without_values(item) for name, item in value.items() if not _is_value(item)}
    return value


def _is_value(item: Any) -> bool:
    if isinstance(item, list):
        return any(_is_value(part) for part in item)
    return isinstance(item, SecretUse) and item.through == "value"
