"""
What orthanc-auth-service makes of an access token: its rules, rewritten from its source (shares/keycloak.py,
23.9 to 26.4.1), with the library that it uses itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jwt


@dataclass(frozen=True)
class Understood:
    """What it takes from a token that it accepts."""

    name: str
    user_id: str
    roles: list[str]
    groups: list[str] | None


def understand(token: str, public_key: str) -> Understood:
    """Accept a token as the auth-service does; raises jwt.PyJWTError where it takes the bearer for anonymous."""
    pem = f"-----BEGIN PUBLIC KEY-----\n{public_key}\n-----END PUBLIC KEY-----"
    said: dict[str, Any] = jwt.decode(token, key=pem, audience="account", algorithms=["RS256"])
    roles = (said.get("realm_access") or {}).get("roles") or []
    name = said.get("name") or said.get("preferred_username") or ""
    return Understood(name, said["sub"], roles, said.get("groups"))
