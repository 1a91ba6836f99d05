"""A stand-in for Keycloak: the code flow with PKCE for one public client, two people, no password check."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

REALM_PATH = "/keycloak/realms/orthanc"
SESSION = "STAND_IN_SESSION"

# User names, which are also their session cookies, with the realm roles that their tokens carry.
PEOPLE = {"radiologist": ["radiologist"], "reader": ["reader"]}


@dataclass(frozen=True)
class Answer:
    """What the stand-in answers."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def encoded(part: dict[str, Any]) -> str:
    """One part of a JSON Web Token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def token(alg: str, payload: dict[str, Any]) -> str:
    """A token with a signature that nobody here checks."""
    return f"{encoded({'alg': alg, 'typ': 'JWT'})}.{encoded(payload)}.c2lnbmF0dXJl"


def claims(text: str) -> dict[str, Any]:
    """The payload of a token; empty where it is none."""
    try:
        part = text.split(".")[1]
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def link(kind: str, study: str) -> str:
    """A resource token as the auth-service makes it: an instant link or a share."""
    resource = {"dicom_uid": study, "orthanc_id": "0-1-2-3-4", "url": None, "level": "study"}
    return token("HS256", {"id": None, "resources": [resource], "type": kind, "validity_duration": 3600})


@dataclass
class IdentityProvider:
    """The endpoints of one realm. `origin` is filled in when the server knows its port."""

    redirect_uri_path: str
    origin: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    sign_ins: list[str] = field(default_factory=list)
    """The user of every completed sign-in, `''` for a page that asked for one."""
    complaints: list[str] = field(default_factory=list)
    """What a real provider would have refused."""

    def answer(
        self, path: str, query: str, form: dict[str, str], cookies: dict[str, str], bearer: str
    ) -> Answer:
        """Answer one request below `REALM_PATH`."""
        name = path.removeprefix(REALM_PATH)
        arguments = {key: values[0] for key, values in parse_qs(query).items()}
        if name == "/.well-known/openid-configuration":
            return _json(self._discovery())
        if name == "/auth":
            return self._authorize(arguments, cookies.get(SESSION, ""))
        if name == "/login":
            return self._authorize(form, form.get("user", ""))
        if name == "/token":
            return self._token(form)
        if name == "/userinfo":
            return _json({"sub": claims(bearer).get("sub"), "name": claims(bearer).get("sub")})
        if name == "/logout":
            location = arguments.get("post_logout_redirect_uri", "/")
            return Answer(
                302, headers=(("Location", location), ("Set-Cookie", f"{SESSION}=; Path=/; Max-Age=0"))
            )
        return Answer(404)

    def _discovery(self) -> dict[str, Any]:
        root = self.origin + REALM_PATH
        return {
            "issuer": root,
            "authorization_endpoint": f"{root}/auth",
            "token_endpoint": f"{root}/token",
            "userinfo_endpoint": f"{root}/userinfo",
            "end_session_endpoint": f"{root}/logout",
            "jwks_uri": f"{root}/certs",
            "response_types_supported": ["code"],
        }

    def _authorize(self, arguments: dict[str, str], user: str) -> Answer:
        expected = {
            "client_id": "ohif",
            "response_type": "code",
            "code_challenge_method": "S256",
            "redirect_uri": self.origin + self.redirect_uri_path,
        }
        for key, value in expected.items():
            if arguments.get(key) != value:
                self.complaints.append(f"{key}: {arguments.get(key)!r} instead of {value!r}")
                return Answer(400, b"refused")
        if user not in PEOPLE:
            self.sign_ins.append("")
            return Answer(200, _login_page(arguments), (("Content-Type", "text/html"),))
        code = secrets.token_urlsafe(8)
        self.codes[code] = {"user": user, "challenge": arguments["code_challenge"]}
        self.sign_ins.append(user)
        target = arguments["redirect_uri"] + "?" + urlencode({"code": code, "state": arguments["state"]})
        return Answer(
            302, headers=(("Location", target), ("Set-Cookie", f"{SESSION}={user}; Path=/; HttpOnly"))
        )

    def _token(self, form: dict[str, str]) -> Answer:
        grant = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if grant is None or base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != grant["challenge"]:
            self.complaints.append("a code without its verifier")
            return Answer(400, b'{"error": "invalid_grant"}')
        now = int(time.time())
        common = {"iss": self.origin + REALM_PATH, "sub": grant["user"], "iat": now, "exp": now + 300}
        roles = {"realm_access": {"roles": PEOPLE[grant["user"]]}}
        return _json(
            {
                "access_token": token("RS256", {**common, **roles, "aud": "account", "typ": "Bearer"}),
                "id_token": token("RS256", {**common, "aud": "ohif", "typ": "ID"}),
                "refresh_token": token("HS512", {**common, "typ": "Refresh"}),
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "openid",
            }
        )


def _json(value: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(value).encode(), (("Content-Type", "application/json"),))


def _login_page(arguments: dict[str, str]) -> bytes:
    fields = "".join(
        f'<input type="hidden" name="{key}" value="{value}">' for key, value in arguments.items()
    )
    return (
        f'<title>Sign in</title><form method="post" action="{REALM_PATH}/login">{fields}'
        '<input name="user" id="username"><button id="kc-login">Sign in</button></form>'
    ).encode()
