"""
User attributes that the realm's user profile has to admit: the API key of a program's account.

Only administrators see and set it. The auth-service looks a key up by this attribute
(shares/keycloak_admin.py, 24.2 to 26.4.1).
https://www.keycloak.org/docs/latest/server_admin/#user-profile
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.deployment import naming
from generator.keycloak.kinds.base import Existing, ResourceKind
from generator.keycloak.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment
    from generator.keycloak.existing import Look
    from generator.keycloak.writer import Writer

_PROVIDER = "org.keycloak.userprofile.UserProfileProvider"
_CONFIG = "kc.user.profile.config"


class UserAttribute(ResourceKind):
    """Attributes of the user profile, by name."""

    name = "user attribute"
    independent = False

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        identity = deployment.profile.identity
        if identity.api_keys and identity.keycloak.manage == "everything":
            fields = {
                "displayName": "API key",
                "multivalued": False,
                "permissions": {"view": ["admin"], "edit": ["admin"]},
                "validations": {"length": {"min": 32, "max": 255}},
            }
            yield Resource(self.name, naming.API_KEY_HEADER, fields, because="identity.api-keys")

    def place(self, representation: Representation, resource: Resource) -> None:
        profile = _built_in()
        profile["attributes"].append({"name": resource.key, **dict(resource.fields)})
        text = json.dumps(profile, separators=(",", ":"))
        provider = {
            "providerId": "declarative-user-profile",
            "subComponents": {},
            "config": {_CONFIG: [text]},
        }
        representation.setdefault("components", {})[_PROVIDER] = [provider]

    def read(self, look: Look) -> Iterator[Existing]:
        for attribute in look.verbs.get(look.path("users", "profile"))["attributes"]:
            yield Existing(self.name, attribute["name"], attribute)

    def create(self, writer: Writer, resource: Resource) -> None:
        self._put(writer, resource.key, {"name": resource.key, **writer.fields(resource, create=True)})

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:
        self._put(writer, resource.key, {**existing.representation, **writer.fields(resource)})

    def delete(self, writer: Writer, existing: Existing) -> None:
        self._put(writer, existing.key, None)

    def _put(self, writer: Writer, key: str, attribute: Representation | None) -> None:
        path = writer.path("users", "profile")
        profile = writer.verbs.get(path)
        kept = [item for item in profile["attributes"] if item["name"] != key]
        profile["attributes"] = kept if attribute is None else [*kept, attribute]
        writer.verbs.put(path, profile)


def _built_in() -> dict[str, Any]:
    """The user profile that Keycloak has where a realm says nothing (25.0 to 26.7)."""
    anybody = {"view": ["admin", "user"], "edit": ["admin", "user"]}
    person: dict[str, Any] = {"length": {"max": 255}, "person-name-prohibited-characters": {}}
    required = {"roles": ["user"]}
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
