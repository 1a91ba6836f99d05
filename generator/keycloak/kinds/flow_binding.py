"""Which flow people sign in by: one of ours, or Keycloak's own. Bound after the flow is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.deployment import naming
from generator.keycloak.kinds.base import Existing, ResourceKind
from generator.keycloak.kinds.flow import sign_in_steps
from generator.keycloak.resource import FlowUse, Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment
    from generator.keycloak.existing import Look
    from generator.keycloak.writer import Writer


class FlowBinding(ResourceKind):
    """The realm's browser flow."""

    name = "flow binding"
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        own = sign_in_steps(deployment) is not None
        flow = FlowUse(naming.SIGN_IN_FLOW) if own else "browser"
        yield Resource(self.name, "browser", {"browserFlow": flow}, because="identity.sign-in")

    def place(self, representation: Representation, resource: Resource) -> None:
        representation.update(resource.fields)

    def read(self, look: Look) -> Iterator[Existing]:
        yield Existing(self.name, "browser", dict(look.realm))

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:  # noqa: ARG002
        writer.put_realm(writer.fields(resource))


KIND = FlowBinding()
