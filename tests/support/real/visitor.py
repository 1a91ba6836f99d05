"""A person's browser as far as a sign-in needs one: cookies, redirects and forms, without pages being drawn."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

from orthgen.deployment import naming
from tests.support.auth_service_rules import Understood, understand
from tests.support.real.keycloak import RunningKeycloak, claims

HOME = "http://localhost:8099/ui/app/"
"""Where Explorer 2 would be; nothing has to listen there."""


@dataclass
class Page:
    """What the browser shows at last."""

    url: str
    status: int
    text: str

    @property
    def words(self) -> str:
        """The text that people read."""
        bare = re.sub(r"(?s)<(script|style|head).*?</\1>", " ", self.text)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())

    @property
    def forms(self) -> list[str]:
        """Where the page's forms lead."""
        return [
            urljoin(self.url, html.unescape(to))
            for to in re.findall(r'<form[^>]*action="([^"]+)"', self.text)
        ]


class Visitor:
    """One person's browser; `home` is the page that a sign-in ends on, `trust` the file of the authority trusted."""

    def __init__(self, language: str = "en", *, home: str = HOME, trust: Path | None = None) -> None:
        self._session = requests.Session()
        self._session.headers["Accept-Language"] = language
        # A variable of the machine would win over the authority that is named here.
        self._session.trust_env = False
        self._session.verify = str(trust) if trust else True
        self._home = home

    def open(self, url: str) -> Page:
        """Go to a page, through every redirect but the one that leads home."""
        return self._follow(self._get(url))

    def submit(self, page: Page, **fields: str) -> Page:
        """Fill the page's first form in and send it."""
        hidden = dict(
            re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text)
        )
        body = {name: html.unescape(value) for name, value in hidden.items()} | fields
        for cookie in self._session.cookies:
            cookie.secure = False
        return self._follow(self._session.post(page.forms[0], data=body, allow_redirects=False, timeout=60))

    def exchange(self, address: str, form: Mapping[str, str]) -> dict[str, Any]:
        """What the token endpoint at `address` answers to a form."""
        answer = self._session.post(address, data=dict(form), timeout=60)
        answer.raise_for_status()
        return dict(answer.json())

    def _get(self, url: str) -> requests.Response:
        # Browsers count this machine as secure, and send it cookies that are marked so.
        for cookie in self._session.cookies:
            cookie.secure = False
        return self._session.get(url, allow_redirects=False, timeout=60)

    def _follow(self, answer: requests.Response) -> Page:
        while answer.is_redirect:
            to = urljoin(answer.url, answer.headers["location"])
            if to.startswith(self._home):
                return Page(to, 200, "")
            answer = self._get(to)
        page = Page(answer.url, answer.status_code, answer.text)
        # What SAML's POST binding leaves to a script of the page.
        return self.submit(page) if "document.forms[0].submit()" in page.text else page


@dataclass
class SignedIn:
    """How a sign-in ended: with tokens, or on a page."""

    page: Page
    tokens: dict[str, Any] | None
    understood: Understood | None

    @property
    def who(self) -> str:
        """The account's id."""
        assert self.understood is not None, f"{self.page.status} {self.page.url}: {self.page.words}"
        return self.understood.user_id

    @property
    def roles(self) -> list[str]:
        """The roles that the auth-service sees."""
        assert self.understood is not None, f"{self.page.status} {self.page.url}: {self.page.words}"
        return sorted(self.understood.roles)

    @property
    def claims(self) -> dict[str, Any]:
        """What the access token says."""
        assert self.tokens is not None, self.page.words
        return claims(self.tokens["access_token"])


def question(**more: str) -> tuple[str, str]:
    """The question that Explorer 2 sends people to Keycloak with, and the verifier of its challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": naming.ORTHANC_CLIENT,
        "redirect_uri": HOME,
        "scope": "openid",
        "state": "x",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **more,
    }
    return urlencode(asked), verifier


def sign_in(
    server: RunningKeycloak,
    realm: str,
    user: str,
    password: str,
    *,
    through: str = "",
    visitor: Visitor | None = None,
) -> SignedIn:
    """Sign in at the deployment's realm, at the provider `through` or with a password of the realm's own."""
    person = visitor or Visitor()
    asked, verifier = question(**({"kc_idp_hint": through} if through else {}))
    page = person.open(f"{server.url}/realms/{realm}/protocol/openid-connect/auth?{asked}")
    if not page.url.startswith(HOME) and page.status == 200:
        page = person.submit(page, username=user, password=password, credentialId="")
    return arrived(server, realm, page, verifier)


def arrived(server: RunningKeycloak, realm: str, page: Page, verifier: str) -> SignedIn:
    """The tokens that Explorer 2 gets, where the browser came home with a code."""
    code = parse_qs(urlsplit(page.url).query).get("code")
    if not page.url.startswith(HOME) or not code:
        return SignedIn(page, None, None)
    form = {"grant_type": "authorization_code", "client_id": naming.ORTHANC_CLIENT, "code": code[0]}
    tokens = server.token(realm, {**form, "redirect_uri": HOME, "code_verifier": verifier})
    public = requests.get(f"{server.url}/realms/{realm}", timeout=60).json()["public_key"]
    return SignedIn(page, tokens, understand(tokens["access_token"], public))
