"""The auth-service's account: it reads users and roles, and can do nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.deployment import naming
from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment


# The client that holds the admin API's roles in every realm but master.
REALM_MANAGEMENT = "realm-management"
# What the auth-service asks for: one user by id or attribute with the roles, and the realm's roles
# (shares/keycloak_admin.py, 24.7 to 26.4.1).
AUTH_SERVICE_ROLES = ("view-realm", "view-users")


class ServiceAccount(ResourceKind):
    """The roles of a client's service account, which Keycloak makes with the client."""

    name = "service account"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.needs_admin_client:
            roles = {"roles": list(AUTH_SERVICE_ROLES)}
            yield Resource(self.name, naming.AUTH_SERVICE_CLIENT, roles, because="identity")

    def place(self, representation: Representation, resource: Resource) -> None:
        account = {
            "username": f"service-account-{resource.key}",
            "enabled": True,
            "serviceAccountClientId": resource.key,
            "clientRoles": {REALM_MANAGEMENT: list(resource.fields["roles"])},
        }
        representation.setdefault("users", []).append(account)


KIND = ServiceAccount()
