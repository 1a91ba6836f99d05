"""The auth-service's account: it reads users and roles, and can do nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.realm.admin import representations
from orthgen.realm.kinds.base import Existing, ResourceKind
from orthgen.realm.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.snapshot import Look
    from orthgen.realm.write_context import Writer


# The client that holds the admin API's roles in every realm but master.
REALM_MANAGEMENT = "realm-management"
# What the auth-service asks for: one user by id or attribute with the roles, and the realm's roles
# (shares/keycloak_admin.py, 24.7 to 26.4.1).
AUTH_SERVICE_ROLES = ("view-realm", "view-users")


class ServiceAccount(ResourceKind):
    """The roles of a client's service account, which Keycloak makes with the client."""

    name = "service account"
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.needs_admin_client:
            roles = {"roles": list(AUTH_SERVICE_ROLES), "realmRoles": [], "otherRoles": []}
            yield Resource(self.name, naming.AUTH_SERVICE_CLIENT, roles, because="identity")

    def place(self, representation: Representation, resource: Resource) -> None:
        account = {
            "username": f"service-account-{resource.key}",
            "enabled": True,
            "serviceAccountClientId": resource.key,
            "clientRoles": {REALM_MANAGEMENT: list(resource.fields["roles"])},
        }
        representation.setdefault("users", []).append(account)

    def read(self, look: Look) -> Iterator[Existing]:
        clients = {client.key: client for client in look.of_kind("client")}
        for resource in look.wanted:
            client = clients.get(resource.key)
            if client is None or not client.representation.get("serviceAccountsEnabled"):
                continue
            path = look.path("clients", client.id, "service-account-user")
            user = look.verbs.get(path, representations.AccountRef)
            held = look.verbs.get(
                look.path("users", user["id"], "role-mappings"), representations.RoleMappings
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
            yield Existing(self.name, resource.key, roles, id=user["id"])

    def create(self, writer: Writer, resource: Resource) -> None:
        client = writer.id_of("client", resource.key)
        path = writer.path("clients", client, "service-account-user")
        user = writer.verbs.get(path, representations.AccountRef)["id"]
        self._change(writer, user, set(), resource.fields["roles"])

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:
        self._change(writer, existing.id, set(existing.representation["roles"]), resource.fields["roles"])
        extra = existing.representation["realmRoles"]
        if extra:
            path = writer.path("users", existing.id, "role-mappings", "realm")
            writer.verbs.delete(path, writer.roles(extra))
        for mapping in existing.representation["clientMappings"].values():
            path = writer.path("users", existing.id, "role-mappings", "clients", mapping["id"])
            writer.verbs.delete(path, mapping["mappings"])

    def _change(self, writer: Writer, user: str, before: set[str], wanted: list[str]) -> None:
        management = writer.id_of("client", REALM_MANAGEMENT)
        path = writer.path("users", user, "role-mappings", "clients", management)
        missing = [name for name in wanted if name not in before]
        if missing:
            writer.verbs.post(path, writer.client_roles(management, missing))
        extra = sorted(before - set(wanted))
        if extra:
            writer.verbs.delete(path, writer.client_roles(management, extra))


KIND = ServiceAccount()
