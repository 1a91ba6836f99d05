"""People of the auth-service's stand-in: profiles from the tokens and API keys of the real Keycloak."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
import requests

from orthgen.authz.auth_service import AuthService, Profile
from orthgen.authz.model import Token, TokenKind

_REALM = os.environ["KEYCLOAK_URI"]
_SECRET = Path("/run/secrets/KEYCLOAK_CLIENT_SECRET")


def _load(path: str) -> dict[str, Any]:
    text = Path(path).read_text(encoding="utf-8")
    return dict(json.loads(re.sub(r"(?m)^\s*//.*$", "", text)))


_PERMISSIONS = Path(os.environ["PERMISSIONS_FILE_PATH"])
_ANONYMOUS = _load(os.environ["ANONYMOUS_PROFILE_FILE_PATH"])
# Fetched once, when the service starts; it ends where Keycloak does not give it.
_KEY = "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----".format(
    requests.get(_REALM, timeout=30).json()["public_key"]
)


def service() -> AuthService:
    """The model of the service with the roles as they are written now."""
    model = AuthService.compile(roles(), _ANONYMOUS)
    if not model.starts:
        raise SystemExit("\n".join(str(finding) for finding in model.findings))
    return model


def roles() -> dict[str, Any]:
    """The file of the roles as it is now."""
    return _load(str(_PERMISSIONS))


def profile(key: str | None, value: str | None) -> dict[str, Any]:
    """The profile of who sends a token: a user's of Keycloak, or the anonymous one."""
    if key == "api-key" and os.environ.get("ENABLE_KEYCLOAK_API_KEYS") == "true":
        return _of_api_key(value or "")
    try:
        claims = jwt.decode(
            (value or "").replace("Bearer ", ""), key=_KEY, audience="account", algorithms=["RS256"]
        )
    except jwt.exceptions.PyJWTError:
        return _answer(service().anonymous, _ANONYMOUS.get("name", "Anonymous"))
    roles = tuple((claims.get("realm_access") or {}).get("roles") or ())
    name = claims.get("name") or claims.get("preferred_username") or ""
    return {**_of_roles(roles, name), "user-id": claims["sub"], "groups": claims.get("groups")}


def _of_roles(roles: tuple[str, ...], name: str) -> dict[str, Any]:
    found = service().profile(Token("token", TokenKind.USER, roles=roles))
    assert found is not None
    return _answer(found, name)


def _answer(found: Profile, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "permissions": sorted(found.permissions),
        "authorized-labels": sorted(found.labels),
        "validity": 60,
    }


def _of_api_key(value: str) -> dict[str, Any]:
    users = (
        [user for user in _admin(f"users?q={quote('api-key:' + value)}") if user.get("enabled")]
        if value
        else []
    )
    if not users:
        return _answer(service().anonymous, _ANONYMOUS.get("name", "Anonymous"))
    user = users[0]
    roles = tuple(role["name"] for role in _admin(f"users/{user['id']}/role-mappings/realm/composite"))
    return {**_of_roles(roles, user["username"]), "user-id": user["id"]}


def roles_of_realm() -> dict[str, Any]:
    """The roles of the realm as they are configured; those that it does not have are left out."""
    configured = roles()
    empty = {"permissions": [], "authorized-labels": []}
    named = {role["name"]: configured["roles"].get(role["name"], empty) for role in _admin("roles")}
    return {"roles": named, "available-labels": configured.get("available-labels", [])}


def write_roles(content: Mapping[str, Any]) -> None:
    """Replace the file of the roles."""
    _PERMISSIONS.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _admin(path: str) -> list[dict[str, Any]]:
    form = {
        "grant_type": "client_credentials",
        "client_id": "admin-cli",
        "client_secret": _SECRET.read_text().strip(),
    }
    token = requests.post(f"{_REALM}protocol/openid-connect/token", data=form, timeout=30).json()[
        "access_token"
    ]
    url = os.environ["KEYCLOAK_ADMIN_URI"] + path
    answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    answer.raise_for_status()
    return list(answer.json())
