"""
User attributes: the API key of a program's account, and attributes that may be empty.

Only administrators see and set an API key. The auth-service looks it up by this attribute
(shares/keycloak_admin.py, 24.2 to 26.4.1). Names and addresses that a provider or a directory does not give are not
required, because Keycloak would show a form at the first sign-in, in which a person could invent an address. People
cannot change them in Keycloak's account console either, because an address decides which account a first sign-in
joins.
https://www.keycloak.org/docs/latest/server_admin/#user-profile
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.realm.admin import representations
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds import user_profile
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.sign_in_methods import sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

_PROVIDER = "org.keycloak.userprofile.UserProfileProvider"
_CONFIG = "kc.user.profile.config"
_FROM_ELSEWHERE = ("email", "firstName", "lastName")
# What nginx lets through in the header `api-key` (`$is_odd_key`), without the dots of a token.
API_KEY_PATTERN = r"[!#-\-/-9;-\[\]-~]+"
_OTHER_CHARACTERS = 'An API key has letters, digits and signs of ASCII, without blanks, quotes ("), colons, backslashes and dots'
# Keycloak's own requirement for these three.
_REQUIRED = {"roles": ["user"]}


class UserAttribute(ResourceKind):
    """Attributes of the user profile, by name."""

    name = "user attribute"
    reads = ("user profile",)
    independent = False
    built_in = frozenset({"username", "email", "firstName", "lastName"})
    adopted_on_request = True
    # UPAttribute and its parts, Keycloak 26.2 to 26.7.
    undeclared = UndeclaredFields(
        watched={
            "defaultValue": None,
            "multivalued": False,
            "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]},
            "required": None,
            "selector": None,
        },
        ignored={
            "annotations": "hints for pages",
            "displayName": "a text for people",
            "group": "where pages show it",
            "name": "the key",
            "validations": "Keycloak's own for its own attributes; declared for orthgen's",
            "permissions.edit": "part of `permissions`, which is watched",
            "permissions.empty": "computed by Keycloak",
            "permissions.view": "part of `permissions`, which is watched",
            "required.always": "part of `required`, which is watched",
            "required.roles": "part of `required`, which is watched",
            "required.scopes": "part of `required`, which is watched",
            "selector.scopes": "part of `selector`, which is watched",
        },
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        identity = deployment.profile.identity
        if identity.keycloak.manage != "everything":
            return
        methods = sign_in_methods(deployment)
        come_from_elsewhere = bool(methods.brokered or methods.directories)
        # Keycloak's registration form has only what people may edit.
        can_register = methods.accounts is not None and methods.accounts.self_registration
        is_edited = can_register or not come_from_elsewhere
        data = {
            "required": None if come_from_elsewhere else dict(_REQUIRED),
            "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"] if is_edited else ["admin"]},
        }
        # Declared with accounts alone, too: an earlier profile may have had a provider.
        for name in _FROM_ELSEWHERE:
            yield Resource(self.name, name, data, because="identity.sign-in")
        if methods.brokered:
            fields = {
                "displayName": "Identity provider",
                "multivalued": False,
                "permissions": {"view": ["admin"], "edit": ["admin"]},
            }
            yield Resource(self.name, naming.PROVIDER_ATTRIBUTE, fields, because="identity.sign-in")
        if identity.api_keys:
            fields = {
                "displayName": "API key",
                "multivalued": False,
                "permissions": {"view": ["admin"], "edit": ["admin"]},
                "validations": {
                    "length": {"min": 32, "max": 255},
                    "pattern": {"pattern": API_KEY_PATTERN, "error-message": _OTHER_CHARACTERS},
                },
            }
            yield Resource(self.name, naming.API_KEY_HEADER, fields, because="identity.api-keys")

    def is_recorded(self, key: str) -> bool:
        return key not in _FROM_ELSEWHERE  # Keycloak's own

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        components = representation.setdefault("components", {})
        before = components.get(_PROVIDER)
        profile = json.loads(before[0]["config"][_CONFIG][0]) if before else _built_in()
        attributes = {attribute["name"]: attribute for attribute in profile["attributes"]}
        changed = {**attributes.get(resource.key, {"name": resource.key}), **resource.fields}
        attributes[resource.key] = {name: value for name, value in changed.items() if value is not None}
        if before is None and attributes[resource.key] in profile["attributes"]:
            return  # as in every realm
        text = json.dumps({**profile, "attributes": list(attributes.values())}, separators=(",", ":"))
        config = {_CONFIG: [text]}
        provider = {"providerId": "declarative-user-profile", "subComponents": {}, "config": config}
        components[_PROVIDER] = [provider]

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        for profile in context.of_kind("user profile") or user_profile.KIND.read(context):
            for attribute in profile.representation["attributes"]:
                yield ExistingObject(self.name, attribute["name"], dict(attribute))

    def create(self, context: WriteContext, resource: Resource) -> None:
        self._put(context, resource.key, {"name": resource.key, **context.fields(resource, create=True)})

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        # No member of an attribute is a secret; a declared one replaces what is there as a whole.
        attribute = {**self.update_body(context, existing, resource), **resource.fields}
        self._put(
            context, resource.key, {name: value for name, value in attribute.items() if value is not None}
        )

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        self._put(context, existing.key, None)

    def _put(self, context: WriteContext, key: str, attribute: Representation | None) -> None:
        path = context.path("users", "profile")
        profile = context.api.get(path, representations.UserProfile)
        others: list[Any] = [item for item in profile["attributes"] if item["name"] != key]
        context.api.put(
            path, {**profile, "attributes": others if attribute is None else [*others, attribute]}
        )


def _built_in() -> dict[str, Any]:
    """The user profile that Keycloak has where a realm says nothing (25.0 to 26.7)."""
    anybody = {"view": ["admin", "user"], "edit": ["admin", "user"]}
    person: dict[str, Any] = {"length": {"max": 255}, "person-name-prohibited-characters": {}}
    required = dict(_REQUIRED)
    attributes = [
        {
            "name": "username",
            "displayName": "${username}",
            "validations": {
                "length": {"min": 3, "max": 255},
                "username-prohibited-characters": {},
                "up-username-not-idn-homograph": {},
            },
            "permissions": anybody,
            "multivalued": False,
        },
        {
            "name": "email",
            "displayName": "${email}",
            "validations": {"email": {}, "length": {"max": 255}},
            "required": required,
            "permissions": anybody,
            "multivalued": False,
        },
    ]
    attributes.extend(
        {
            "name": name,
            "displayName": f"${{{name}}}",
            "validations": person,
            "required": required,
            "permissions": anybody,
            "multivalued": False,
        }
        for name in ("firstName", "lastName")
    )
    group = {
        "name": "user-metadata",
        "displayHeader": "User metadata",
        "displayDescription": "Attributes, which refer to user metadata",
    }
    return {"attributes": attributes, "groups": [group]}


KIND = UserAttribute()
