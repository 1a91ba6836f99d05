"""
People who sign in elsewhere: through OpenID Connect as Entra ID speaks it, through SAML, and with a directory.

A second realm of the same real Keycloak plays the institution's provider; a real browser goes from one to the
other. The secrets are where a deployment has them: in Keycloak's vault.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from orthgen.realm.import_secrets import vault_files
from tests.support.auth_service_rules import Understood, understand
from tests.support.builders import make_deployment
from tests.support.provisioning import in_realm, labels, plan, provision, reached_at
from tests.support.real import browser as browsers
from tests.support.real import web
from tests.support.real.directory import Directory
from tests.support.real.identity_providers import GROUP, PEOPLE, SECRET, TENANT, entra_like, trust
from tests.support.real.keycloak import KeycloakError, RunningKeycloak
from tests.support.real.network import Network

# Where people come back to: a page on this machine, so that a browser counts it as secure.
PORT = 8099

EXPLORER = f"http://localhost:{PORT}/ui/app/"
REALMS = ("by-oidc", "by-saml", "by-ldap")


@pytest.fixture(scope="module")
def server(keycloak: RunningKeycloak, vault: Path) -> RunningKeycloak:
    """The shared Keycloak, whose vault gets the secrets of these tests' realms."""
    for realm in REALMS:
        (vault / f"{realm}_provider-secret").write_text(SECRET)
    return keycloak


class _Arrived(BaseHTTPRequestHandler):
    """A page that is there, whatever its address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b"arrived")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module", autouse=True)
def explorer(network: Network) -> Iterator[None]:  # noqa: ARG001 - it has to listen inside the network
    """The deployment's page, as far as a sign-in needs it."""
    httpd = ThreadingHTTPServer(("127.0.0.1", PORT), _Arrived)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield
    httpd.shutdown()
    httpd.server_close()


def deployed(**changes: Any) -> Deployment:
    """A deployment on this machine."""
    institution = {"name": "Test", "url": f"http://localhost:{PORT}"}
    return make_deployment(institution=institution, deployment=None, **changes)


def provisioned(server: RunningKeycloak, deployment: Deployment, realm: str) -> Deployment:
    """Provision the deployment's realm, under a name of its own, and see that nothing is left to do."""
    deployment = reached_at(in_realm(deployment, realm), server.url)
    admin_client = server.admin_client()
    provision(deployment, admin_client)
    assert labels(plan(deployment, admin_client)) == []
    return deployment


def sign_in(server: RunningKeycloak, page: Page, realm: str, user: str, password: str) -> Understood:
    """Sign in at the deployment in a browser; what the auth-service understands of the person's token."""
    tokens = tokens_of(server, page, realm, user, password)
    public = web.get(f"{server.url}/realms/{realm}").json()["public_key"]
    return understand(tokens["access_token"], public)


def begin(server: RunningKeycloak, page: Page, realm: str) -> str:
    """Send a page to Keycloak as Explorer 2 does; the verifier of the challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    question = {
        "response_type": "code",
        "client_id": naming.ORTHANC_CLIENT,
        "redirect_uri": EXPLORER,
        "scope": "openid",
        "state": "x",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    page.goto(f"{server.url}/realms/{realm}/protocol/openid-connect/auth?{urlencode(question)}")
    return verifier


def tokens_of(
    server: RunningKeycloak, page: Page, realm: str, user: str = "", password: str = ""
) -> dict[str, Any]:
    """The tokens of a page that signs in; without a user, of a second page of somebody who is signed in."""
    verifier = begin(server, page, realm)
    if user:
        page.fill("#username", user)
        page.fill("#password", password)
        page.click("#kc-login")
    page.wait_for_url(f"{EXPLORER}**")
    code = parse_qs(urlsplit(page.url).query)["code"][0]
    form = {"grant_type": "authorization_code", "client_id": naming.ORTHANC_CLIENT, "code": code}
    return server.token(realm, {**form, "redirect_uri": EXPLORER, "code_verifier": verifier})


def fresh_sign_in(
    server: RunningKeycloak, browser: Browser, realm: str, user: str, password: str
) -> Understood:
    """Sign in with a browser that remembers nothing."""
    with browsers.visitor(browser) as context:
        return sign_in(server, context.new_page(), realm, user, password)


def is_told_to_ask(browser: Browser, server: RunningKeycloak, realm: str, user: str, password: str) -> bool:
    """Whether a sign-in ends on the page for people without a role."""
    with browsers.visitor(browser) as context:
        page = context.new_page()
        begin(server, page, realm)
        page.fill("#username", user)
        page.fill("#password", password)
        page.click("#kc-login")
        page.wait_for_selector("#kc-error-message")
        return "has no role in the image archive of Test" in page.inner_text("#kc-error-message")


def grant(server: RunningKeycloak, realm: str, user: str, *roles: str) -> None:
    """Let a person at the provider hold exactly these of its roles."""
    identity = server.admin("GET", f"/{realm}/users?exact=true&username={user}").json()[0]["id"]
    path = f"/{realm}/users/{identity}/role-mappings/realm"
    held = [role for role in server.admin("GET", path).json() if not role["name"].startswith("default-roles")]
    server.admin("DELETE", path, held)
    server.admin("POST", path, [server.admin("GET", f"/{realm}/roles/{role}").json() for role in roles])


def test_a_person_of_entra_id_has_the_roles_that_it_says_now(
    server: RunningKeycloak, browser: Browser
) -> None:
    """App roles become realm roles at each sign-in: given there, held here; taken away there, gone here."""
    entra_like(server)
    deployment = deployed(
        identity=f"""
          sign-in:
            - oidc:
                alias: entra
                issuer: {server.url}/realms/{TENANT}
                client-id: orthanc-app
                client-secret: {{secret: provider-secret}}
                claim: roles
                trust-email: true
        """,
        roles="""
          radiologist:
            can: [view]
            collections: all
            granted-by: [{entra: Orthanc.Radiologist}, {entra: Orthanc.Head}]
          pacs-admin: {can: [everything], collections: all, granted-by: [{entra: Orthanc.Admin}]}
        """,
    )
    deployment = provisioned(server, deployment, "by-oidc")
    assert [item.file for item in vault_files(deployment)] == ["by-oidc_provider-secret"]
    password = server.add_user(
        TENANT, "ada", roles=["Orthanc.Radiologist", "Orthanc.Admin"], groups=[f"/{GROUP}"]
    )

    first = fresh_sign_in(server, browser, "by-oidc", "ada", password)
    grant(server, TENANT, "ada", "Orthanc.Radiologist")
    second = fresh_sign_in(server, browser, "by-oidc", "ada", password)
    grant(server, TENANT, "ada", "Orthanc.Head")
    third = fresh_sign_in(server, browser, "by-oidc", "ada", password)
    grant(server, TENANT, "ada")

    assert is_told_to_ask(browser, server, "by-oidc", "ada", password)
    assert sorted(first.roles) == ["pacs-admin", "radiologist"]
    assert (second.roles, third.roles) == (["radiologist"], ["radiologist"])
    assert first.name == "Ada Test"
    assert first.user_id == third.user_id


def test_two_tabs_renew_their_tokens_side_by_side(server: RunningKeycloak, browser: Browser) -> None:
    """Refresh tokens serve once, yet two pages of one person renew in turn; one that was used before is refused."""
    accounts = deployed(identity="{sign-in: [accounts: {otp: optional}]}")
    provisioned(server, accounts, "two-tabs")
    password = server.add_user("two-tabs", "eve", roles=["reader"])

    def renewed(token: str) -> str:
        form = {"grant_type": "refresh_token", "client_id": naming.ORTHANC_CLIENT, "refresh_token": token}
        return str(server.token("two-tabs", form)["refresh_token"])

    with browsers.visitor(browser) as context:
        one = tokens_of(server, context.new_page(), "two-tabs", "eve", password)["refresh_token"]
        two = tokens_of(server, context.new_page(), "two-tabs")["refresh_token"]
    for _ in range(3):
        used, one = one, renewed(one)
        two = renewed(two)
    with pytest.raises(KeycloakError, match="invalid_grant"):
        renewed(used)


def test_a_person_without_an_address_is_asked_for_nothing(server: RunningKeycloak, browser: Browser) -> None:
    """Anybody who has no e-mail address at the provider gets in without a form in which one could be made up."""
    password = server.add_user(TENANT, "bob", roles=["Orthanc.Admin"], email="", lastName="")

    found = fresh_sign_in(server, browser, "by-oidc", "bob", password)

    assert found.roles == ["pacs-admin"]


def test_a_person_of_a_saml_provider_has_the_roles_of_the_assertion(
    server: RunningKeycloak, browser: Browser
) -> None:
    """Signed and encrypted assertions carry the roles, the name and the address; a role taken away is gone."""
    server.import_realm(
        {
            "realm": "idp",
            "enabled": True,
            "roles": {"realm": [{"name": "PACS-Readers"}, {"name": "PACS-Admins"}]},
        }
    )
    deployment = deployed(
        identity=f"""
          sign-in:
            - saml:
                entity-id: {server.url}/realms/idp
                sign-on-url: {server.url}/realms/idp/protocol/saml
                metadata-url: {server.url}/realms/idp/protocol/saml/descriptor
                trust-email: true
        """,
        roles="""
          reader: {can: [view], collections: all, granted-by: [{saml: PACS-Readers}]}
          boss: {can: [everything], collections: all, granted-by: [{saml: PACS-Admins}]}
        """,
    )
    deployment = provisioned(server, deployment, "by-saml")
    trust(server, "by-saml")
    password = server.add_user("idp", "grace", roles=["PACS-Readers", "PACS-Admins"])

    first = fresh_sign_in(server, browser, "by-saml", "grace", password)
    grant(server, "idp", "grace", "PACS-Readers")
    second = fresh_sign_in(server, browser, "by-saml", "grace", password)

    assert sorted(first.roles) == ["boss", "reader"]
    assert second.roles == ["reader"]
    assert first.name == "Grace Test"
    assert labels(plan(deployment, server.admin_client())) == []


def test_a_person_of_a_directory_signs_in_with_its_password_and_groups(
    server: RunningKeycloak, browser: Browser, network: Network, tmp_path: Path
) -> None:
    """
    The directory's password opens, its groups grant roles by name, also by one with a slash, and leaving them takes the
    roles away.

    A search for an API key with a blank in it finds somebody who has none: nginx refuses such a key (W20).
    """
    url, reader = f"ldap://{network.service('directory')}", "cn=keycloak,dc=hospital,dc=example"
    directory = Directory(url, tmp_path, PEOPLE, administrator=reader, password=SECRET)
    deployment = deployed(
        identity=f"""
          api-keys: true
          sign-in:
            - ldap:
                url: {directory.url}
                vendor: other
                bind-dn: {reader}
                bind-password: {{secret: provider-secret}}
                users-dn: ou=people,dc=hospital,dc=example
                groups-dn: ou=groups,dc=hospital,dc=example
        """,
        roles="""
          reader: {can: [view], collections: all, granted-by: [{ldap: pacs-readers}]}
          tomographer: {can: [view], collections: all, granted-by: [{ldap: CT/MR & US}]}
        """,
    )
    deployment = provisioned(server, deployment, "by-ldap")
    key = quote("api-key:x keycloak.session.realm.users.query.search:joan")
    found_without_key = server.admin("GET", f"/by-ldap/users?q={key}").json()

    first = fresh_sign_in(server, browser, "by-ldap", "joan", "a password of the directory")
    planned = labels(plan(deployment, server.admin_client()))
    for group in ("pacs-readers", "CT/MR & US"):
        directory.change(
            f"dn: cn={group},ou=groups,dc=hospital,dc=example\nchangetype: modify\nreplace: member\n"
            "member: cn=keycloak,dc=hospital,dc=example\n"
        )
    server.admin("POST", "/by-ldap/clear-user-cache")
    told = is_told_to_ask(browser, server, "by-ldap", "joan", "a password of the directory")
    directory.stop()

    assert [person["username"] for person in found_without_key] == ["joan"]
    assert sorted(first.roles) == ["reader", "tomographer"]
    assert planned == []  # Keycloak itself adds settings at a sign-in
    assert first.name == "Joan Clarke"
    assert "/ldap/pacs-readers" in (first.groups or [])
    assert told
