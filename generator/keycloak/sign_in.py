"""
Signs a test user in on Keycloak's own page, as a browser would: code flow with PKCE, no direct grant.

Only what a page without scripts needs: the form of name and password, and the form of a second factor.
"""

from __future__ import annotations

import base64
import hashlib
import html
import http.cookiejar
import json
import re
import secrets
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from generator.errors import KeycloakRefused, KeycloakUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

_PATIENCE = 30
_MOST_PAGES = 4


class _Stay(urllib.request.HTTPRedirectHandler):
    """Hands a redirect back instead of following it: its address carries the code."""

    def redirect_request(self, *_: Any) -> None:
        return None


class SignIn:
    """One attempt of one person at one client."""

    def __init__(self, server: str, realm: str, *, ca_file: str | None = None) -> None:
        self._base = server.rstrip("/") + "/"
        self._realm = realm
        context = ssl.create_default_context(cafile=ca_file)
        self._open = urllib.request.build_opener(
            _Stay(),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(_everywhere())),
            urllib.request.HTTPSHandler(context=context),
        ).open

    def access_token(
        self, client: str, redirect_uri: str, user: str, password: str, otp: Callable[[], str]
    ) -> str:
        """The access token of a person who signs in; `otp` is asked when the page asks."""
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
        place = f"{self._base}realms/{self._realm}/protocol/openid-connect"
        status, headers, page = self._ask(f"{place}/auth?{urlencode(question)}")
        answers = {"username": user, "password": password, "credentialId": ""}
        for _ in range(_MOST_PAGES):
            code = parse_qs(urlsplit(headers.get("Location", "")).query).get("code")
            if code:
                form = {"grant_type": "authorization_code", "client_id": client, "code": code[0]}
                return self._exchange(
                    place, {**form, "redirect_uri": redirect_uri, "code_verifier": verifier}
                )
            if 'name="otp"' in page:
                answers = {"otp": otp()}
            elif 'name="password"' not in page:
                raise _refused(status, page)
            status, headers, page = self._send_form(page, answers)
            if 'name="password"' in page:
                raise KeycloakRefused(f"Keycloak does not take the password of `{user}`")
        raise _refused(status, page)

    def public_key(self) -> str:
        """The key that the auth-service checks signatures with, as the realm's public page shows it."""
        status, _, text = self._ask(f"{self._base}realms/{self._realm}")
        try:
            return str(json.loads(text)["public_key"])
        except (ValueError, KeyError) as error:
            raise KeycloakUnavailable(
                f"there is no realm `{self._realm}` at `{self._base}` (status {status})",
                hint="`--server` is the address above `/realms/`, with its sub-path",
            ) from error

    def _exchange(self, place: str, form: dict[str, str]) -> str:
        _, _, text = self._ask(f"{place}/token", form)
        try:
            return str(json.loads(text)["access_token"])
        except (ValueError, KeyError) as error:
            raise KeycloakRefused(f"Keycloak gives no token for the code: {text[:200]}") from error

    def _send_form(self, page: str, answers: dict[str, str]) -> tuple[int, Message[str, str], str]:
        form = re.search(r'<form[^>]*action="([^"]+)"', page)
        if form is None:
            raise _refused(200, page)
        target = urlsplit(html.unescape(form[1]))
        # The page names the public address; the server that we were told to ask may be another.
        below = target.path[target.path.index("/realms/") + 1 :]
        return self._ask(f"{self._base}{below}?{target.query}", answers)

    def _ask(self, url: str, form: dict[str, str] | None = None) -> tuple[int, Message[str, str], str]:
        data = urlencode(form).encode() if form is not None else None
        try:
            with self._open(urllib.request.Request(url, data), timeout=_PATIENCE) as answer:  # noqa: S310 - http(s) only
                return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode("utf-8", "replace")
        except (OSError, ValueError) as error:
            raise KeycloakUnavailable(f"cannot reach Keycloak at `{self._base}`: {error}") from error


def _everywhere() -> http.cookiejar.DefaultCookiePolicy:
    # Keycloak marks its cookies as secure even over http on localhost, as browsers allow it.
    return http.cookiejar.DefaultCookiePolicy(secure_protocols=("https", "wss", "http"))


def _refused(status: int, page: str) -> KeycloakRefused:
    said = re.search(
        r'(?s)<(?:p|span)[^>]*class="[^"]*(?:instruction|kc-feedback-text)[^"]*"[^>]*>(.*?)</', page
    )
    title = re.search(r"(?s)<title>(.*?)</title>", page)
    found = said or title
    text = " ".join(html.unescape(found[1]).split())[:200] if found is not None else f"status {status}"
    return KeycloakRefused(
        f"the sign-in does not come through: {text}",
        hint="a page that asks for more than a password and a code cannot be answered here; hand in a token by `--token`",
    )
