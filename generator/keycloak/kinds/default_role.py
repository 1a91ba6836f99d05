"""
What everybody holds who has an account: the composites of the realm's default role.

Keycloak's own default also lets everybody have offline tokens and share resources (UMA), which nothing here
needs; accounts that another provider keeps cannot be managed here either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.resource import Representation, Resource
from generator.keycloak.signin import sign_ins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment

ACCOUNT = "account"


class DefaultRole(ResourceKind):
    """The roles of the account console that come with an account."""

    name = "default role"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        identity = deployment.profile.identity
        if identity.keycloak.manage != "everything":
            return
        own = sign_ins(deployment).accounts is not None
        roles = ["manage-account", "view-profile"] if own else ["view-profile"]
        yield Resource(
            self.name, f"default-roles-{identity.realm}", {"roles": roles}, because="identity.sign-in"
        )

    def is_removable(self, key: str) -> bool:  # noqa: ARG002 - whatever the key
        return False

    def place(self, representation: Representation, resource: Resource) -> None:
        representation["defaultRole"] = {"name": resource.key}
        role = {
            "name": resource.key,
            "composite": True,
            "composites": {"client": {ACCOUNT: list(resource.fields["roles"])}},
        }
        representation.setdefault("roles", {}).setdefault("realm", []).append(role)


KIND = DefaultRole()
