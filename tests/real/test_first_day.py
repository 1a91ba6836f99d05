"""
The first hour of somebody who has the smallest profile and no public host name.

Render, make the secrets, start, trust the authority, sign in as the first administrator, upload, share. nginx, Keycloak,
Orthanc and the browser are real; the project's model stands for the authorization plugin and the auth-service.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from orthgen.authz.model import Token, TokenKind
from orthgen.realm.import_secrets import import_variables
from orthgen.rendering.pipeline import resolve_profile
from tests.support.builders import PROFILES
from tests.support.command import orthgen
from tests.support.deployed import Served
from tests.support.filtered import FilteredOrthanc, read_token
from tests.support.real import browser as browsers
from tests.support.real import dicom, parts
from tests.support.real.keycloak import claims
from tests.support.real.keycloak_pages import answer_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Playwright

    from orthgen.authz.model import Request
    from orthgen.deployment.model import Deployment
    from tests.support.real.keycloak import Keycloak
    from tests.support.real.network import Network
    from tests.support.real.nginx import Nginx
    from tests.support.real.orthanc import Orthanc, RunningOrthanc
    from tests.support.services_behind_nginx import Answer, Seen

HOST = "pacs.clinic.lan"
ORIGIN = f"https://{HOST}"
NEW_PASSWORD = "a-password-of-her-own"
VERIFIER = "v" * 64


class Clinic:
    """The smallest profile on a host of a clinic's own, rendered with its secrets, and running."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "deployment" / "clinic"
        text = (PROFILES / "minimal.yaml").read_text().replace("http://localhost", ORIGIN)
        (folder / "clinic.yaml").write_text(f"{text}\ndeployment:\n  tls: {{own-authority: {{}}}}\n")
        for command in ("render", "secrets"):
            done = orthgen(command, "clinic.yaml", cwd=folder)
            assert done.returncode == 0, done.stderr

    @property
    def deployment(self) -> Deployment:
        return resolve_profile(str(self.folder / "clinic.yaml"))[0]

    def secret(self, name: str) -> str:
        return (self.out / "secrets" / name).read_text()

    def start_keycloak(self, keycloak: Keycloak) -> None:
        """Keycloak with the rendered realm, and with the secrets that its script would read."""
        variables = {one.variable: self.secret(one.secret) for one in import_variables(self.deployment)}
        keycloak.start(
            realms={"orthanc-realm.json": self.out / "keycloak/realm.json"},
            environment={"KC_HOSTNAME": f"{ORIGIN}/keycloak", "KC_PROXY_HEADERS": "xforwarded", **variables},
        )

    def start_nginx(self, network: Network, nginx: Nginx) -> None:
        """The rendered nginx with the certificate of the own authority."""
        network.publish(HOST)
        mounts = {
            f"/etc/nginx/{name}": self.out / "nginx" / name
            for name in ("nginx.conf", "conf.d", "snippets", "njs")
        }
        secrets = {
            "/run/secrets/tls_certificate": self.out / "secrets/tls-certificate",
            "/run/secrets/tls_key": self.out / "secrets/tls-key",
        }
        nginx.start({**mounts, **secrets}, ports=(80, 443))

    def trusting_home(self) -> Path:
        """The home folder of somebody whose browser trusts the authority, as docs/tls.md says."""
        home = self.folder / "home"
        database = home / ".pki/nssdb"
        database.mkdir(parents=True)
        tool = (parts.command("certutil"), "-d", f"sql:{database}")
        subprocess.run([*tool, "-N", "--empty-password"], check=True)
        authority = self.out / "secrets/tls-authority.crt"
        subprocess.run([*tool, "-A", "-t", "C,,", "-n", "pacs", "-i", authority], check=True)
        return home


def keycloaks_token(name: str, value: str, *, argument: bool = False) -> Token:
    """What the auth-service makes of a token of the real Keycloak: nginx's way in is the only one, so it is genuine."""
    text = value.removeprefix("Bearer ")
    if "realm_access" not in claims(text):
        return read_token(name, value, argument=argument)
    return Token(name, TokenKind.USER, argument, roles=tuple(claims(text)["realm_access"]["roles"]))


def forward_to(archive: RunningOrthanc, seen: Seen) -> Answer:
    """Hand a granted request on to real Orthanc."""
    if seen.path.startswith("/ui/app"):
        return 200, {"Content-Type": "text/html"}, b"<title>Explorer 2</title>"
    if seen.path.startswith("/auth/tokens/"):
        return 200, {"Content-Type": "application/json"}, seen.body
    connection = http.client.HTTPConnection(archive.url.removeprefix("http://"), timeout=20)
    connection.request(seen.method, seen.path, body=seen.body or None)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {"Content-Type": answer.getheader("Content-Type") or "text/plain"}, content


@pytest.fixture
def clinic(
    network: Network, nginx: Nginx, own_keycloak: Keycloak, orthanc: Orthanc, tmp_path: Path
) -> Iterator[Clinic]:
    """The whole deployment, running."""
    clinic = Clinic(tmp_path)
    clinic.start_keycloak(own_keycloak)
    archive = orthanc.start(clinic.out / "orthanc/orthanc.json", settings={"HttpPort": 8043})

    def behind(_: FilteredOrthanc, seen: Seen, __: Request) -> Answer:
        return forward_to(archive, seen)

    plugin = FilteredOrthanc(clinic.deployment, behind, reads=keycloaks_token)
    with Served(plugin, (network.service("orthanc"), 8042)):
        clinic.start_nginx(network, nginx)
        yield clinic


def sign_in(page: Page, clinic: Clinic) -> dict[str, Any]:
    """Sign in as the first administrator, give Keycloak all that it asks for, and take the tokens."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": "orthanc",
        "redirect_uri": f"{ORIGIN}/ui/app/",
        "response_type": "code",
        "scope": "openid",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    endpoint = f"{ORIGIN}/keycloak/realms/orthanc/protocol/openid-connect"
    page.goto(f"{endpoint}/auth?{urlencode(asked)}")
    page.fill("#username", "admin")
    page.fill("#password", clinic.secret("first-password-admin"))
    page.click("#kc-login")
    answer_until(page, f"{ORIGIN}/ui/app/", NEW_PASSWORD)
    code = parse_qs(urlsplit(page.url).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "client_id": "orthanc",
        "code": code,
        "code_verifier": VERIFIER,
    }
    return fetch(page, f"{endpoint}/token", urlencode({**form, "redirect_uri": f"{ORIGIN}/ui/app/"}))


def fetch(
    page: Page, url: str, body: str, headers: dict[str, str] | None = None, method: str = "POST"
) -> Any:
    """What a page of the deployment gets for a request, as JSON; anything but 200 is an error."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    status, text = page.evaluate(
        """async ([url, method, headers, body]) => {
            const bytes = Uint8Array.from(body, character => character.charCodeAt(0));
            const answer = await fetch(url, {method, headers, body: bytes});
            return [answer.status, await answer.text()];
        }""",
        [url, method, headers or kind, body],
    )
    assert status == 200, (url, status, text)
    return json.loads(text)


def test_a_stranger_gets_in_uploads_and_shares(
    clinic: Clinic, playwright: Playwright, tmp_path: Path
) -> None:
    """From the smallest profile to a shared study; the browser trusts what the authority signed, and says nothing."""
    with browsers.launched(playwright, clinic.trusting_home()) as browser:
        page = browser.new_context().new_page()
        page.set_default_timeout(30_000)
        tokens = sign_in(page, clinic)
        page.screenshot(path=tmp_path / "in.png")
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        stored = fetch(page, f"{ORIGIN}/instances", dicom.encode(dicom.instance()).decode("latin-1"), bearer)
        study = {"OrthancId": stored["ParentStudy"], "Level": "study"}
        wish = json.dumps({"Resources": [study], "ValidityDuration": 60})
        made = fetch(page, f"{ORIGIN}/auth/tokens/download-instant-link", wish, bearer, "PUT")

    assert claims(tokens["access_token"])["realm_access"]["roles"] == ["staff"]
    assert stored["Status"] == "Success"
    assert made["Resources"][0]["OrthancId"] == stored["ParentStudy"]
