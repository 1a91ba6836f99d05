"""
Realm roles: one for each role of the profile, of the same name.

Never composite: the auth-service leaves composite roles out when it lists roles (shares/keycloak_admin.py,
24.7 to 26.4.1).
https://www.keycloak.org/docs-api/latest/rest-api/index.html#RoleRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment


class RealmRole(ResourceKind):
    """The roles that permissions.json gives rights to."""

    name = "realm role"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        for role in deployment.roles:
            yield Resource(self.name, role.name, {"description": role.title}, because=f"roles.{role.name}")

    def place(self, representation: Representation, resource: Resource) -> None:
        roles = representation.setdefault("roles", {}).setdefault("realm", [])
        roles.append({"name": resource.key, **dict(resource.fields)})


KIND = RealmRole()
