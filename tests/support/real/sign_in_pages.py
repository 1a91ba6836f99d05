"""Keycloak's pages as Explorer 2 sends people there: password, authenticator app, a password of one's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from orthgen.deployment import naming
from tests.support.real.one_time_code import Authenticator
from tests.support.real.visitor import Page, Visitor, question

_MAX_PAGES = 4


class SignInError(RuntimeError):
    """Keycloak did not sign somebody in; the message is the page that it showed instead."""


@dataclass
class SignInPages:
    """The pages of a realm, which lead to `home`; `trust` is the file of the authority that the browser trusts."""

    home: str
    realm_url: str
    trust: Path | None
    authenticators: dict[str, Authenticator]
    """The authenticator app of each user: a page that asks for an app adds one."""

    def sign_in(self, user: str, password: str, new_password: str = "") -> dict[str, Any]:
        """The tokens of somebody who signs in; `new_password` is for a page that asks for one."""
        visitor = Visitor(home=self.home, trust=self.trust)
        asked, verifier = question(redirect_uri=self.home)
        address = f"{self.realm_url}/protocol/openid-connect"
        page = visitor.open(f"{address}/auth?{asked}")
        page = visitor.submit(page, username=user, password=password, credentialId="")
        for _ in range(_MAX_PAGES):
            if page.url.startswith(self.home):
                break
            page = visitor.submit(page, **self._asked_for(page, user, new_password))
        code = parse_qs(urlsplit(page.url).query).get("code")
        if not page.url.startswith(self.home) or not code:
            raise SignInError(f"{page.status} {page.url}: {page.words}")
        form = {"grant_type": "authorization_code", "client_id": naming.ORTHANC_CLIENT, "code": code[0]}
        proof = {"redirect_uri": self.home, "code_verifier": verifier}
        return visitor.exchange(f"{address}/token", {**form, **proof})

    def _asked_for(self, page: Page, user: str, new_password: str) -> dict[str, str]:
        """What Keycloak asks for after the password: an app's code, or a password of one's own."""
        if 'name="password-new"' in page.text:
            return {"password-new": new_password, "password-confirm": new_password}
        made = re.search(r'name="totpSecret" value="([^"]+)"', page.text)
        if made:
            self.authenticators[user] = Authenticator(made[1])
            return {"totp": self.authenticators[user].code(), "userLabel": "phone"}
        if 'name="otp"' in page.text and user in self.authenticators:
            return {"otp": self.authenticators[user].code()}
        raise SignInError(f"{page.status} {page.url}: {page.words}")
