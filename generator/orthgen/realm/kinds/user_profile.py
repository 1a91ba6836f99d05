"""
User profile: the policy for attributes of accounts that the profile does not list.

Keycloak accepts none of them where `unmanagedAttributePolicy` is not set. With `ENABLED` people could give themselves
attributes, with `ADMIN_EDIT` administrators could give any, and a mapper could pass them to Orthanc.
https://www.keycloak.org/docs/latest/server_admin/#user-profile
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.admin import representations
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

_KEY = "other attributes"
_POLICY = "unmanagedAttributePolicy"


class UserProfile(ResourceKind):
    """The one user profile of a realm; the kind `user attribute` has its attributes."""

    name = "user profile"
    recorded = "never"
    independent = False
    listed_as_foreign = False
    # UPConfig and UPGroup, Keycloak 26.2 to 26.7.
    undeclared = UndeclaredFields(
        ignored={
            "attribute": "another form of `attributes`",
            "attributes": "the kind `user attribute` has it",
            "groups": "where pages show attributes",
            "groups.annotations": "hints for pages",
            "groups.displayDescription": "a text for people",
            "groups.displayHeader": "a text for people",
            "groups.name": "what attributes refer to",
        }
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage == "everything":
            yield Resource(self.name, _KEY, {_POLICY: None}, because="identity.sign-in")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        """A fresh realm has no policy."""

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        profile = context.api.get(context.path("users", "profile"), representations.UserProfile)
        yield ExistingObject(self.name, _KEY, dict(profile))

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:  # noqa: ARG002
        path = context.path("users", "profile")
        # What others changed of the attributes since they were read is kept.
        profile: dict[str, Any] = dict(context.api.get(path, representations.UserProfile))
        context.api.put(path, {**profile, **context.fields(resource)})


KIND = UserProfile()
