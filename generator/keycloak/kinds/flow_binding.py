"""Which flow people sign in by: one of ours, or Keycloak's own. Bound after the flow is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.deployment import naming
from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.kinds.flow import sign_in_steps
from generator.keycloak.resource import FlowUse, Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment


class FlowBinding(ResourceKind):
    """The realm's browser flow."""

    name = "flow binding"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        own = sign_in_steps(deployment) is not None
        flow = FlowUse(naming.SIGN_IN_FLOW) if own else "browser"
        yield Resource(self.name, "browser", {"browserFlow": flow}, because="identity.sign-in")

    def is_removable(self, key: str) -> bool:  # noqa: ARG002 - whatever the key
        return False

    def place(self, representation: Representation, resource: Resource) -> None:
        representation.update(resource.fields)


KIND = FlowBinding()
