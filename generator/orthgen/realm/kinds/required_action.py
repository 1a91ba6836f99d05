"""
Required actions: steps that Keycloak asks of a person who signs in, or offers on request.

A password in Keycloak is for accounts that Keycloak keeps itself. Where the profile has no such accounts, no person
may set a password, because it would bypass the institution's provider as soon as a password form is enabled.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#RequiredActionProviderRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.admin import representations
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.sign_in_methods import sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

PASSWORD = "UPDATE_PASSWORD"  # noqa: S105 - an action, no password
# Those of 26.2 to 26.7, by the order in which Keycloak asks. An import that names some of them makes no others.
_ACTIONS = {
    "CONFIGURE_TOTP": True,
    "TERMS_AND_CONDITIONS": False,
    PASSWORD: True,
    "UPDATE_PROFILE": True,
    "VERIFY_EMAIL": True,
    "delete_account": False,
    "webauthn-register": True,
    "webauthn-register-passwordless": True,
    "VERIFY_PROFILE": True,
    "delete_credential": True,
    "update_user_locale": True,
}


class RequiredAction(ResourceKind):
    """Required actions by alias."""

    name = "required action"
    recorded = "never"
    # Those that some of 26.2 to 26.7 have and others lack; the others are declared.
    built_in = frozenset({"CONFIGURE_RECOVERY_AUTHN_CODES", "UPDATE_EMAIL", "idp_link"})

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        accounts = sign_in_methods(deployment).accounts
        for alias, default in _ACTIONS.items():
            enabled = accounts is not None if alias == PASSWORD else default
            fields = {"enabled": enabled, "defaultAction": False}
            yield Resource(self.name, alias, fields, because="identity.sign-in")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        actions: list[dict[str, Any]] = representation.setdefault("requiredActions", [])
        action = {"alias": resource.key, "name": resource.key, "providerId": resource.key}
        actions.append({**action, **resource.fields, "priority": 10 * (len(actions) + 1), "config": {}})

    def is_built_in(self, existing: ExistingObject) -> bool:
        # An administrator made the action a default: every new account has to complete it.
        return not existing.representation.get("defaultAction") and super().is_built_in(existing)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        for action in context.api.get(
            context.path("authentication", "required-actions"), list[representations.RequiredAction]
        ):
            yield ExistingObject(self.name, action["alias"], dict(action))

    def create(self, context: WriteContext, resource: Resource) -> None:
        body = {"providerId": resource.key, "name": resource.key}
        context.api.post(context.path("authentication", "register-required-action"), body)
        action = context.api.get(
            context.path("authentication", "required-actions", resource.key), representations.RequiredAction
        )
        self.update(context, ExistingObject(self.name, resource.key, dict(action)), resource)

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        path = context.path("authentication", "required-actions", existing.key)
        context.api.put(path, self.update_body(context, existing, resource))


KIND = RequiredAction()
