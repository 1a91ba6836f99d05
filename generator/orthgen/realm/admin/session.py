"""
Administrator's session: sign-in, one token for all threads, renewal in time, clear refusals.

The administrator is a person with a password, or a client with a secret or a private key. No secret and no answer of
a token endpoint is ever shown.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from orthgen.errors import KeycloakRefused
from orthgen.realm.admin.client_assertion import client_assertion
from orthgen.realm.admin.representations import Issuer, OauthError, TokenAnswer, Unreadable, read_answer
from orthgen.secret_detection import MIN_SECRET_LENGTH

if TYPE_CHECKING:
    from orthgen.http_client import Reply
    from orthgen.realm.admin.server import Server

# The characters of a header (RFC 6750, 2.1).
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
# Keycloak's error for an unknown realm (26.2.5 and 26.7.3); a wrong sub-path has another one.
_NO_REALM = "Realm does not exist"
_DAY = 86400.0
# Keycloak's descriptions that messages may show (26.2.5 and 26.7.3, `error_description`).
_SHOWN_DESCRIPTIONS = (
    "Account is not fully set up",
    "Account disabled",
    "Client disabled",
    "HTTPS required",
    "Client not allowed for direct access grants",
    "Client not enabled to retrieve service account",
)


@dataclass(frozen=True, slots=True)
class Administrator:
    """
    Credentials of an administrator: a person with a password, or a client with a secret or a private key.

    `realm` is the realm of the sign-in. `private_key` is PEM text. No secret is ever shown.
    """

    realm: str = "master"
    user: str = ""
    password: str = field(default="", repr=False)
    otp: str = field(default="", repr=False)
    client: str = "admin-cli"
    secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)

    @property
    def label(self) -> str:
        """The administrator in a message."""
        return f"the administrator `{self.user}`" if self.user else f"the client `{self.client}`"


class Session:
    """Tokens of one administrator, for several threads."""

    def __init__(self, server: Server, administrator: Administrator) -> None:
        self._server = server
        self._administrator = administrator
        self._lock = threading.RLock()
        self._token = ""
        self._refresh = ""
        self._audience = ""
        self._expires = 0.0

    def authorization(self, *, stale: str = "") -> str:
        """The header of a valid token; `stale` is a header that was refused. One thread fetches a new token."""
        if self._token and stale != self._header and time.monotonic() < self._expires:
            return self._header
        with self._lock:
            if self._token and stale != self._header and time.monotonic() < self._expires:
                return self._header  # another thread was faster
            answer = self._fetch()
            self._token = answer["access_token"]
            self._refresh = answer.get("refresh_token") or ""
            # Renewed well before the end: clocks differ and requests take their time.
            self._expires = time.monotonic() + min(max(answer.get("expires_in", 60), 0), _DAY) * 0.8
            return self._header

    def hide(self, text: str) -> str:
        """The text without this session's secrets."""
        administrator = self._administrator
        for secret in (
            *(self._token, self._refresh, administrator.password, administrator.secret),
            *(administrator.private_key, administrator.otp),
        ):
            if len(secret) >= MIN_SECRET_LENGTH:
                text = text.replace(secret, "(sensitive value)")
        return text

    @property
    def _header(self) -> str:
        return f"Bearer {self._token}"

    @property
    def _realm_path(self) -> str:
        return f"realms/{quote(self._administrator.realm, safe='')}"

    def _fetch(self) -> TokenAnswer:
        if self._refresh:
            reply = self._ask({"grant_type": "refresh_token", "refresh_token": self._refresh})
            if reply.status == 200:
                return self._read(reply)
            # The session is over (a restart, a time-out): sign in anew.
        return self._read(self._ask(self._credentials()))

    def _credentials(self) -> dict[str, str]:
        administrator = self._administrator
        if not administrator.user:
            return {"grant_type": "client_credentials"}
        form = {
            "grant_type": "password",
            "username": administrator.user,
            "password": administrator.password,
        }
        # Digits, with leading zeros that a number would lose.
        return form | ({"totp": administrator.otp} if administrator.otp else {})

    def _ask(self, form: dict[str, str]) -> Reply:
        form = {**form, "client_id": self._administrator.client}
        if self._administrator.secret:
            form["client_secret"] = self._administrator.secret
        path = f"{self._realm_path}/protocol/openid-connect/token"
        return self._server.repeat("POST", path, form=lambda: form | self._assertion())

    def _assertion(self) -> dict[str, str]:
        if not self._administrator.private_key:
            return {}
        if not self._audience:
            # Keycloak's issuer has its public address, even where `--server` is another one.
            reply = self._server.repeat("GET", f"{self._realm_path}/.well-known/openid-configuration")
            try:
                self._audience = read_answer(reply.body, Issuer)["issuer"]
            except Unreadable:
                raise self._server.no_keycloak(reply) from None
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": client_assertion(
                self._administrator.client, self._audience, self._administrator.private_key
            ),
        }

    def _read(self, reply: Reply) -> TokenAnswer:
        if reply.status == 200:
            try:
                answer = read_answer(reply.body, TokenAnswer)
            except Unreadable:
                raise self._server.no_keycloak(reply) from None
            if not _TOKEN.fullmatch(answer["access_token"]):
                raise self._server.no_keycloak(reply)
            return answer
        try:
            error = read_answer(reply.body, OauthError)
        except Unreadable:
            raise self._server.no_keycloak(reply) from None
        administrator = self._administrator
        if reply.status == 404 and error["error"] != _NO_REALM:
            raise self._server.no_keycloak(reply)
        if reply.status == 404:
            raise KeycloakRefused(
                f"this Keycloak has no realm `{administrator.realm}` for {administrator.label} to sign in to",
                hint="`--admin-realm` names the administrator's realm",
            )
        description = error.get("error_description")
        raise KeycloakRefused(
            f"Keycloak does not let {administrator.label} in (realm `{administrator.realm}`)"
            + (f": {description}" if description in _SHOWN_DESCRIPTIONS else ""),
            hint="check the name and the secret; an administrator with a second factor needs `--admin-otp`",
        )
