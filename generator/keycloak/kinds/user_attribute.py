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
from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment

_PROVIDER = "org.keycloak.userprofile.UserProfileProvider"
_CONFIG = "kc.user.profile.config"


class UserAttribute(ResourceKind):
    """Attributes of the user profile, by name."""

    name = "user attribute"

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
