"""
Scope mappings: which roles may appear in a client's tokens.

Our clients are not allowed the full scope, so a token carries the roles of the profile and no other: none of
Keycloak's own, none of another application of the same realm.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#_scope_mappings
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.kinds.client import sign_in_clients
from generator.keycloak.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment


class ScopeMapping(ResourceKind):
    """The realm roles in the scope of one client."""

    name = "scope mapping"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        roles = [role.name for role in deployment.roles]
        for client, _ in sign_in_clients(deployment):
            yield Resource(self.name, "realm roles", {"roles": roles}, parent=client, because="roles")

    def place(self, representation: Representation, resource: Resource) -> None:
        mapping = {"client": resource.parent, "roles": list(resource.fields["roles"])}
        representation.setdefault("scopeMappings", []).append(mapping)


KIND = ScopeMapping()
