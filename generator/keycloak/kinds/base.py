"""What a kind of Keycloak object is: what we want of it, and its place in realm.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.deployment.model import Deployment
    from generator.keycloak.resource import Representation, Resource


class ResourceKind:
    """One kind. A kind is a declaration: what differs from kind to kind, and nothing else."""

    name: ClassVar[str]
    """What people call it; the first part of an address in a plan."""

    def desired(self, deployment: Deployment) -> Iterable[Resource]:
        """The objects of this kind that the deployment needs, in the profile's order."""
        raise NotImplementedError

    def place(self, representation: Representation, resource: Resource) -> None:
        """Put `resource` where Keycloak's import looks for it in a realm's representation."""
        raise NotImplementedError

    def is_removable(self, key: str) -> bool:  # noqa: ARG002 - some kinds decide by key
        """Whether provisioning may take the object away when the profile no longer asks for it."""
        return True
