"""Flow bindings: the realm's flows for sign-in and new passwords, bound after the flows exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.realm.flows import renews_passwords
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import FlowUse, Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext


class FlowBinding(ResourceKind):
    """The realm's flows for signing in and for asking for a new password."""

    name = "flow binding"
    recorded = "never"
    # Keycloak writes all of a realm's settings at each change: of two at once, one would undo the other.
    independent = False

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        renewing = FlowUse(naming.NEW_PASSWORD_FLOW) if renews_passwords(deployment) else "reset credentials"
        for key, field, flow in (
            ("browser", "browserFlow", FlowUse(naming.SIGN_IN_FLOW)),
            ("reset credentials", "resetCredentialsFlow", renewing),
        ):
            yield Resource(self.name, key, {field: flow}, because="identity.sign-in")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        representation.update(resource.fields)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        for key in ("browser", "reset credentials"):
            yield ExistingObject(self.name, key, dict(context.realm))

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:  # noqa: ARG002
        context.put_realm(context.fields(resource))


KIND = FlowBinding()
