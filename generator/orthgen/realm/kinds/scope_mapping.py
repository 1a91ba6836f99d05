"""
Scope mappings: the roles that may appear in a client's tokens.

The profile's clients do not have the full scope, so a token carries the profile's roles and no other: none of
Keycloak's own, none of another application in the realm.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#_scope_mappings
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.realm.admin import representations
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.kinds.client import sign_in_clients
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext


class ScopeMapping(ResourceKind):
    """The realm roles in the scope of one client."""

    name = "scope mapping"
    reads = ("client",)
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        roles = [role.name for role in deployment.roles]
        for client, _ in sign_in_clients(deployment):
            fields = {"roles": roles, "clientRoles": []}
            yield Resource(self.name, "realm roles", fields, parent=client, because="roles")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        mapping = {"client": resource.parent, "roles": list(resource.fields["roles"])}
        representation.setdefault("scopeMappings", []).append(mapping)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        ids = {client.key: client.id for client in context.of_kind("client")}
        clients = [resource.parent for resource in context.desired if resource.parent in ids]
        mappings = context.get_all(
            [context.path("clients", ids[client], "scope-mappings") for client in clients],
            representations.RoleMappings,
        )
        for client, mapping in zip(clients, mappings, strict=True):
            of_clients = mapping.get("clientMappings") or {}
            representation = {
                "roles": [role["name"] for role in mapping.get("realmMappings") or ()],
                "clientRoles": [
                    f"{name}/{role['name']}"
                    for name, listed in sorted(of_clients.items())
                    for role in listed["mappings"]
                ],
                "clientMappings": of_clients,
            }
            yield ExistingObject(self.name, "realm roles", representation, parent=client)

    def create(self, context: WriteContext, resource: Resource) -> None:
        context.api.post(self._path(context, resource.parent), context.roles(resource.fields["roles"]))

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        before, declared = set(existing.representation["roles"]), resource.fields["roles"]
        path = self._path(context, resource.parent)
        missing = [name for name in declared if name not in before]
        if missing:
            context.api.post(path, context.roles(missing))
        extra = sorted(before - set(declared))
        if extra:
            context.api.delete(path, context.roles(extra))
        for mapping in existing.representation["clientMappings"].values():
            roles_of_client = path.removesuffix("realm") + f"clients/{mapping['id']}"
            context.api.delete(roles_of_client, mapping["mappings"])

    def _path(self, context: WriteContext, client: str) -> str:
        return context.path("clients", context.id_of("client", client), "scope-mappings", "realm")


KIND = ScopeMapping()
