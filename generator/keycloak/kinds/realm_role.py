"""
Realm roles: one for each role of the profile, of the same name.

Never composite: the auth-service leaves composite roles out when it lists roles (shares/keycloak_admin.py,
24.7 to 26.4.1).
https://www.keycloak.org/docs-api/latest/rest-api/index.html#RoleRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.keycloak import answers
from generator.keycloak.kinds.base import Existing, ResourceKind, overlaid
from generator.keycloak.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.deployment.model import Deployment
    from generator.keycloak.existing import Look
    from generator.keycloak.writer import Writer


_AT_ONCE = 250


class RealmRole(ResourceKind):
    """The roles that permissions.json gives rights to."""

    name = "realm role"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        for role in deployment.roles:
            yield Resource(self.name, role.name, {"description": role.title}, because=f"roles.{role.name}")

    def place(self, representation: Representation, resource: Resource) -> None:
        roles = representation.setdefault("roles", {}).setdefault("realm", [])
        roles.append({"name": resource.key, **dict(resource.fields)})

    def read(self, look: Look) -> Iterator[Existing]:
        for role in look.verbs.get(look.path("roles"), list[answers.Role], briefRepresentation="false"):
            if not role.get("composite"):
                yield Existing(self.name, role["name"], dict(role), id=role["id"])

    def create(self, writer: Writer, resource: Resource) -> None:
        writer.verbs.post(
            writer.path("roles"), {"name": resource.key, **writer.fields(resource, create=True)}
        )

    def create_many(self, writer: Writer, resources: Sequence[Resource]) -> bool:
        # One request for each role would take a minute for a thousand of them; what is there already is skipped.
        for start in range(0, len(resources), _AT_ONCE):
            roles = [
                {"name": resource.key, **writer.fields(resource, create=True)}
                for resource in resources[start : start + _AT_ONCE]
            ]
            body = {"ifResourceExists": "SKIP", "roles": {"realm": roles}}
            writer.verbs.post(writer.path("partialImport"), body)
        return True

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:
        writer.verbs.put(writer.path("roles-by-id", existing.id), overlaid(existing, writer.fields(resource)))

    def delete(self, writer: Writer, existing: Existing) -> None:
        writer.verbs.delete(writer.path("roles-by-id", existing.id))


KIND = RealmRole()
