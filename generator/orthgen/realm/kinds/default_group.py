"""Default groups, which every new account joins: no group with a role of the profile may be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.realm.admin import representations
from orthgen.realm.group_keys import group_key
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

_KEY = "default groups"


class DefaultGroup(ResourceKind):
    """The realm's default groups that give roles of the profile."""

    name = "default group"
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        foreign = deployment.profile.identity.keycloak.manage != "everything"
        yield Resource(self.name, _KEY, {"groups": []}, because="roles", foreign=foreign)

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        """Leave the representation as it is: a new realm has no default groups."""

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        granting = {
            group_key(group): group["id"]
            for group in context.api.get(context.path("default-groups"), list[representations.Group])
            if self._grants(context, group["id"])
        }
        yield ExistingObject(self.name, _KEY, {"groups": sorted(granting), "ids": granting})

    def _grants(self, context: ReadContext, group: str) -> bool:
        """Whether the group or a group above it holds a role of the profile."""
        while group:
            representation = context.api.get(context.path("groups", group), representations.Group)
            if context.roles.intersection(representation.get("realmRoles") or ()):
                return True
            group = representation.get("parentId") or ""
        return False

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:  # noqa: ARG002
        for group in existing.representation["ids"].values():
            context.api.delete(context.path("default-groups", group))


KIND = DefaultGroup()
