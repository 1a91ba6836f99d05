"""Service account of the auth-service: it reads users and roles, and has no other right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.changes.model import FieldChange
from orthgen.deployment import naming
from orthgen.realm.admin import representations
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext


# The client that holds the admin API's roles in every realm but master.
REALM_MANAGEMENT = "realm-management"
# What the auth-service asks for: one user by id or attribute with the roles, and the realm's roles
# (shares/keycloak_admin.py, 24.7 to 26.4.1).
AUTH_SERVICE_ROLES = ("view-realm", "view-users")


class ServiceAccount(ResourceKind):
    """The roles of a client's service account, which Keycloak makes with the client."""

    name = "service account"
    reads = ("client",)
    only_grants = True

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.needs_admin_client:
            roles = {"roles": list(AUTH_SERVICE_ROLES), "realmRoles": [], "otherRoles": []}
            yield Resource(self.name, naming.AUTH_SERVICE_CLIENT, roles, because="identity")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        account = {
            "username": f"service-account-{resource.key}",
            "enabled": True,
            "serviceAccountClientId": resource.key,
            "clientRoles": {REALM_MANAGEMENT: list(resource.fields["roles"])},
        }
        representation.setdefault("users", []).append(account)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        clients = {client.key: client for client in context.of_kind("client")}
        recorded = {key for kind, _, key in context.owned if kind == self.name}
        for client_id in sorted(recorded | {resource.key for resource in context.desired}):
            client = clients.get(client_id)
            if client is None or not client.representation.get("serviceAccountsEnabled"):
                continue
            path = context.path("clients", client.id, "service-account-user")
            user = context.api.get(path, representations.AccountRef)
            held = context.api.get(
                context.path("users", user["id"], "role-mappings"), representations.RoleMappings
            )
            clients_held = dict(held.get("clientMappings") or {})
            of_management = clients_held.pop(REALM_MANAGEMENT, None)
            of_client = of_management["mappings"] if of_management is not None else []
            of_realm = [role["name"] for role in held.get("realmMappings") or ()]
            roles = {
                "roles": [role["name"] for role in of_client],
                # Everybody holds the realm's default role.
                "realmRoles": [name for name in of_realm if not name.startswith("default-roles-")],
                "otherRoles": [
                    f"{name}/{role['name']}"
                    for name, mapping in sorted(clients_held.items())
                    for role in mapping["mappings"]
                ],
                "clientMappings": clients_held,
            }
            yield ExistingObject(self.name, client_id, roles, id=user["id"])

    def create(self, context: WriteContext, resource: Resource) -> None:
        client = context.id_of("client", resource.key)
        path = context.path("clients", client, "service-account-user")
        user = context.api.get(path, representations.AccountRef)["id"]
        self._change(context, user, set(), resource.fields["roles"])

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        self._change(context, existing.id, set(existing.representation["roles"]), resource.fields["roles"])
        extra = existing.representation["realmRoles"]
        if extra:
            path = context.path("users", existing.id, "role-mappings", "realm")
            context.api.delete(path, context.roles(extra))
        for mapping in existing.representation["clientMappings"].values():
            path = context.path("users", existing.id, "role-mappings", "clients", mapping["id"])
            context.api.delete(path, mapping["mappings"])

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        # The account is a part of its client.
        self.release(context, existing)

    def grants(self, existing: ExistingObject) -> tuple[FieldChange, ...]:
        granted = _granted(existing)
        return (FieldChange("roles", granted, []),) if granted else ()

    def release(self, context: WriteContext, existing: ExistingObject) -> None:
        self._change(context, existing.id, set(_granted(existing)), [])

    def _change(self, context: WriteContext, user: str, before: set[str], wanted: list[str]) -> None:
        management = context.id_of("client", REALM_MANAGEMENT)
        path = context.path("users", user, "role-mappings", "clients", management)
        missing = [name for name in wanted if name not in before]
        if missing:
            context.api.post(path, context.client_roles(management, missing))
        extra = sorted(before - set(wanted))
        if extra:
            context.api.delete(path, context.client_roles(management, extra))


def _granted(existing: ExistingObject) -> list[str]:
    return [role for role in existing.representation["roles"] if role in AUTH_SERVICE_ROLES]


KIND = ServiceAccount()
