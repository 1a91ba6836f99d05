"""
Sign-in of a test user on Keycloak's own page, as in a browser: code flow with PKCE.

The module handles the forms of a page without scripts: user name and password, and a second factor.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

from orthgen.errors import KeycloakRefused, KeycloakUnavailable
from orthgen.http_client import HttpClient, NoReply
from orthgen.realm.admin.representations import OauthError, PublicRealm, TokenAnswer, Unreadable, read_answer
from orthgen.realm.admin.server import parse_keycloak_address
from orthgen.realm.admin.sign_in_page import SignInPage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from orthgen.http_client import Reply

_TIMEOUT_SECONDS = 30.0
_MAX_PAGES = 4
_MAX_TEXT_LENGTH = 200


class SignIn:
    """One sign-in of one person to one client."""

    def __init__(self, server: str, realm: str, *, ca_file: Path | None = None) -> None:
        self._base = parse_keycloak_address(server).url
        self._realm = realm
        self._realm_path = f"realms/{quote(realm, safe='')}"
        self._client = HttpClient(self._base, ca_file=ca_file, cookies=True)
        self._typed: list[str] = []

    def access_token(
        self, client: str, redirect_uri: str, user: str, password: str, otp: Callable[[], str]
    ) -> str:
        """The access token of the person; `otp` is called when the page needs a code."""
        self._typed.append(password)
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        question = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": secrets.token_urlsafe(8),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        place = f"{self._realm_path}/protocol/openid-connect"
        reply = self._ask(f"{place}/auth", query=question)
        answers = {"username": user, "password": password, "credentialId": ""}
        for _ in range(_MAX_PAGES):
            code = _code(reply)
            if code:
                form = {"grant_type": "authorization_code", "client_id": client, "code": code}
                return self._exchange(
                    place, {**form, "redirect_uri": redirect_uri, "code_verifier": verifier}
                )
            page = _page(reply)
            if "otp" in page.fields:
                answers = {"otp": otp()}
                self._typed.append(answers["otp"])
            elif "password" not in page.fields:
                raise self._refused(reply)
            reply = self._send_form(page, answers)
            if "password" in _page(reply).fields:
                raise KeycloakRefused(f"Keycloak does not take the password of `{user}`")
        raise self._refused(reply)

    def public_key(self) -> str:
        """The key that the auth-service checks signatures with, as the realm's public page shows it."""
        reply = self._ask(self._realm_path)
        try:
            return read_answer(reply.body, PublicRealm)["public_key"]
        except Unreadable:
            raise KeycloakUnavailable(
                f"the page of the realm `{self._realm}` is not available at `{self._base}` (status {reply.status})",
                hint="`--server` is the address above `/realms/`, with its sub-path; nginx of a deployment does not let this "
                "page through, `identity.keycloak.local-port` publishes it on that machine",
            ) from None

    def _exchange(self, place: str, form: dict[str, str]) -> str:
        reply = self._ask(f"{place}/token", form=form)
        try:
            return read_answer(reply.body, TokenAnswer)["access_token"]
        except Unreadable:
            pass
        try:
            error = read_answer(reply.body, OauthError)["error"]
        except Unreadable:
            error = "the answer does not come from Keycloak"
        raise KeycloakRefused(
            f"Keycloak gives no token for the code (status {reply.status}): {self._shown(error)}"
        )

    def _send_form(self, page: SignInPage, answers: Mapping[str, str]) -> Reply:
        try:
            target = urlsplit(page.action)
        except ValueError:
            target = urlsplit("")
        # The page has the public address; `--server` may be another one.
        _, found, below = target.path.partition("/realms/")
        if not found:
            raise KeycloakUnavailable(
                f"the sign-in page of `{self._base}` has no form that leads to Keycloak",
                hint="another program may have answered instead",
            )
        return self._ask(
            f"realms/{quote(below, safe='/%')}", query=dict(parse_qsl(target.query)), form=answers
        )

    def _ask(
        self, path: str, *, query: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> Reply:
        method = "GET" if form is None else "POST"
        try:
            return self._client.send(method, path, seconds=_TIMEOUT_SECONDS, query=query, form=form)
        except NoReply as failure:
            raise KeycloakUnavailable(
                f"cannot reach Keycloak at `{self._base}`: {failure.reason}",
                hint="`--ca-file` names the authority that signed its certificate, if that is what is missing",
            ) from None

    def _refused(self, reply: Reply) -> KeycloakRefused:
        page = _page(reply)
        text = self._shown(page.feedback or page.title or f"status {reply.status}")
        return KeycloakRefused(
            f"the sign-in failed: {text}",
            hint="a page that asks for more than a password and a code cannot be answered here; "
            "hand in a token by `--token`",
        )

    def _shown(self, text: str) -> str:
        """A page's text in one short line, without the entered secrets."""
        for secret in self._typed:
            if secret:
                text = text.replace(secret, "(sensitive value)")
        line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
        return line[:_MAX_TEXT_LENGTH]


def _page(reply: Reply) -> SignInPage:
    return SignInPage(reply.body.decode("utf-8", "replace"))


def _code(reply: Reply) -> str:
    """The code in a redirect, or an empty text."""
    try:
        query = urlsplit(reply.headers.get("location", "")).query
        return "".join(parse_qs(query).get("code", [])[:1])
    except ValueError:
        return ""
