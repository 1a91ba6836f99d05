"""
Scope mappings: which roles may appear in a client's tokens.

Our clients are not allowed the full scope, so a token carries the roles of the profile and no other: none of
Keycloak's own, none of another application of the same realm.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#_scope_mappings
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.deployment import naming
from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.kinds.client import sign_in_clients
from generator.keycloak.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment

# The client that holds the admin API's roles in every realm but master.
REALM_MANAGEMENT = "realm-management"
# What the auth-service asks for: one user by id or attribute with the roles, and the realm's roles
# (shares/keycloak_admin.py, 24.7 to 26.4.1).
AUTH_SERVICE_ROLES = ("view-realm", "view-users")


class ScopeMapping(ResourceKind):
    """The realm roles, or the roles of one client, in the scope of one client."""

    name = "scope mapping"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        roles = [role.name for role in deployment.roles]
        for client, _ in sign_in_clients(deployment):
            yield Resource(self.name, "realm roles", {"roles": roles}, parent=client, because="roles")
        if deployment.needs_admin_client:
            yield Resource(
                self.name,
                REALM_MANAGEMENT,
                {"roles": list(AUTH_SERVICE_ROLES)},
                parent=naming.AUTH_SERVICE_CLIENT,
                because="identity",
            )

    def place(self, representation: Representation, resource: Resource) -> None:
        mapping = {"client": resource.parent, "roles": list(resource.fields["roles"])}
        if resource.key == REALM_MANAGEMENT:
            representation.setdefault("clientScopeMappings", {}).setdefault(REALM_MANAGEMENT, []).append(
                mapping
            )
        else:
            representation.setdefault("scopeMappings", []).append(mapping)


KIND = ScopeMapping()
