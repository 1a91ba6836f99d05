"""
realm.json on a real Keycloak: what the first start of a deployment makes of it.

Both versions of Keycloak import every example, with secrets from the environment and from the vault, and the
realms are then in sync with what provisioning wants.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from orthgen.realm.import_secrets import import_variables, vault_files
from orthgen.realm.provision import make_plan
from orthgen.realm.realm_file import realm_file
from orthgen.viewers.ohif import OHIF_CLIENT
from tests.support.auth_service_rules import understand
from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.provisioning import in_realm
from tests.support.real import parts, scan, web
from tests.support.real.keycloak import Keycloak, RunningKeycloak, claims
from tests.support.real.network import Network

SECRET = "a-secret-for-tests-0123456789"


def deployments() -> dict[str, Deployment]:
    """Every example with a Keycloak of its own, in a realm of its own, and one with awkward words in it."""
    found = {}
    for name in EXAMPLES:
        deployment = in_realm(example(name), name.removesuffix(".yaml").replace(".", "-"))
        if deployment.has_own_keycloak:
            found[deployment.profile.identity.realm] = deployment
    awkward = make_deployment(
        institution="{name: 'Hôpital ${HOME} \"$1\" ${env.PATH:x}', url: 'https://pacs.example.org', languages: [fr]}",
        identity="{realm: awkward, sign-in: [saml: {entity-id: x, sign-on-url: 'https://idp.example.org/sso', "
        "metadata-url: 'https://idp.example.org/metadata', principal: pairwise-id}]}",
        roles="{r: {title: '${PATH}', can: [view], collections: all, granted-by: [{saml: '${HOME}'}]}}",
    )
    return {**found, "awkward": awkward, "longest": with_longest_texts()}


def with_longest_texts() -> Deployment:
    """A deployment whose texts have the most characters that the profile takes for Keycloak's database."""
    long = "é" * 255
    return make_deployment(
        institution=f"{{name: {long}, url: 'https://pacs.example.org', languages: [en]}}",
        identity=f"{{realm: longest, smtp: {{host: mail.example.org, sender: a@example.org, user: {long}, "
        f"password: {{secret: smtp}}}}, sign-in: [saml: {{title: {long}, entity-id: x, "
        "sign-on-url: 'https://idp.example.org/sso', metadata-url: 'https://idp.example.org/metadata'}, "
        f"accounts: {{people: {{ada: {{name: {long}, email: ada@example.org, roles: [r]}}}}}}]}}",
        roles=f"{{r: {{title: {long}, can: [view], collections: all, granted-by: [{{saml: x}}]}}}}",
    )


def with_people() -> Deployment:
    """A deployment whose people sign in by a password."""
    return make_deployment(
        institution="{name: Test, url: 'https://pacs.example.org', languages: [en]}",
        identity="{realm: tokens, sign-in: [accounts: {otp: optional}]}",
        roles="{reader: {can: [view, report], collections: all, granted-by: [{group: /readers}]},"
        " other: {can: [view], collections: all}}",
        viewers="{ohif: {reports: signed-in}}",
    )


def start(keycloak: Keycloak, folder: Path, wanted: dict[str, Deployment], version: str) -> RunningKeycloak:
    """Start Keycloak as the deployment does: the realm's file, variables for the import, files in the vault."""
    vault, environment, files = folder / "vault", {}, {}
    vault.mkdir()
    for realm, deployment in wanted.items():
        path = folder / f"{realm}.json"
        path.write_text(realm_file(deployment).text, encoding="utf-8")
        files[f"{realm}-realm.json"] = path
        environment |= {item.variable: SECRET for item in import_variables(deployment)}
        for item in vault_files(deployment):
            (vault / item.file).write_text(SECRET)
    options = [f"--vault-dir={vault}"]
    return keycloak.start(realms=files, environment=environment, options=options, version=version)


@pytest.fixture(scope="module", params=parts.keycloak_versions())
def running(
    request: pytest.FixtureRequest, network: Network, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningKeycloak]:
    """A Keycloak of each version whose first start imported every realm."""
    folder = tmp_path_factory.mktemp("import")
    tool = Keycloak(network, folder)
    yield start(tool, folder, {**deployments(), "tokens": with_people()}, request.param)
    tool.close()


def test_a_first_start_makes_what_provisioning_wants(running: RunningKeycloak, tmp_path: Path) -> None:
    """Each version imports every example without a complaint; provisioning then finds nothing to do."""
    wanted = deployments()

    assert not [line for line in running.complaints() if "ERROR" in line]
    for realm, deployment in wanted.items():
        plan = make_plan(deployment, running.admin_client(), running.url).plan
        assert plan.is_empty, (realm, plan.changes, plan.leftover)
        assert plan.existing > 8
    settings = running.admin("GET", "/awkward").json()
    assert settings["displayName"] == wanted["awkward"].profile.institution.name
    assert running.admin("GET", "/awkward/roles/r").json()["description"] == "${PATH}"
    mappers = running.admin("GET", "/awkward/identity-provider/instances/saml/mappers").json()
    by_name = {mapper["name"]: mapper["config"] for mapper in mappers}
    assert by_name["user name"]["template"] == "${ALIAS}.${ATTRIBUTE.pairwise-id}"
    assert by_name["role r"]["attribute.value"] == "${HOME}"
    assert_secrets_arrived(running)
    assert_kcwarden_is_content(running, tmp_path)


def assert_secrets_arrived(running: RunningKeycloak) -> None:
    """The auth-service's secret is the environment's, and signs in; what the vault holds stays a reference."""
    form = {
        "grant_type": "client_credentials",
        "client_id": naming.AUTH_SERVICE_CLIENT,
        "client_secret": SECRET,
    }
    token = running.token("paradim", form)["access_token"]
    assert claims(token)["resource_access"]["realm-management"]["roles"] == [
        "view-realm",
        "view-users",
    ] or sorted(claims(token)["resource_access"]["realm-management"]["roles"])
    provider = running.admin("GET", "/paradim/identity-provider/instances/entra-id").json()
    assert provider["config"]["clientSecret"] == "${vault.entra-client-secret}"
    assert (
        running.admin("GET", "/research-platform").json()["smtpServer"]["password"]
        == "${vault.smtp-password}"
    )


# What kcwarden says of an export for good reasons. Its name for the rule, and where it may say so.
ALLOWED = {
    # It asks a server on the internet for the newest version, and there is none here.
    "KeycloakVersionShouldBeUpToDate": "",
    # Orthanc Explorer 2 comes back to whatever page and query one was on (keycloak-js takes the whole address), and
    # Keycloak's patterns know no other wildcard; everything below it is Explorer 2's own application.
    "ClientShouldNotUseWildcardRedirectURI": naming.ORTHANC_CLIENT,
    # The auth-service knows no other way than a secret.
    "ClientAuthenticationViaMTLSOrJWTRecommended": naming.AUTH_SERVICE_CLIENT,
    # Without a mail server nobody could verify an address.
    "RealmEmailVerificationDisabled": "",
}
# Keycloak makes these with every realm: its three consoles, and two that nobody can sign in through.
KEYCLOAKS_OWN = ("account", "broker", "realm-management", "security-admin-console")
AUDITED = ("paradim", "teaching-hospital", "research-platform")


def assert_kcwarden_is_content(running: RunningKeycloak, folder: Path) -> None:
    """The auditor finds nothing in the exports but what stands above, and what it says of Keycloak's own clients."""
    for realm in AUDITED:
        path = folder / f"{realm}-export.json"
        path.write_text(json.dumps(running.export(realm)))
        left = [
            finding
            for finding in scan.kcwarden(path)
            if not (finding.rule in ALLOWED and ALLOWED[finding.rule] in finding.place)
            and not any(console in finding.place for console in KEYCLOAKS_OWN)
        ]
        assert left == [], (realm, left)


def test_a_persons_token_is_understood(running: RunningKeycloak) -> None:
    """A person who signs in through Explorer 2's client and through OHIF's gets a token that the auth-service takes."""
    password = running.add_user("tokens", "ada", groups=["/readers"])
    running.admin("POST", "/tokens/roles", {"name": "of-somebody-else"})
    user = running.admin("GET", "/tokens/users?username=ada&exact=true").json()[0]["id"]
    foreign = running.admin("GET", "/tokens/roles/of-somebody-else").json()
    running.admin("POST", f"/tokens/users/{user}/role-mappings/realm", [foreign])
    explorer = "https://pacs.example.org/ui/app/"
    pages = {
        naming.ORTHANC_CLIENT: (
            explorer,
            explorer + "filtered-studies?labels=x&order=y",
            explorer + "#/settings",
        ),
        OHIF_CLIENT: ("https://pacs.example.org/ohif/callback",),
    }

    for client, addresses in pages.items():
        for address in addresses:
            tokens = running.sign_in("tokens", client, "ada", password, redirect_uri=address)
            public = web.get(f"{running.url}/realms/tokens").json()["public_key"]
            found = understand(tokens["access_token"], public)
            assert found.roles == ["reader"], "the roles of the profile that the person holds, and no others"
            assert (found.name, found.groups) == ("Ada Test", ["/readers"])
            said = claims(tokens["access_token"])
            assert said["aud"] == "account"
            assert "resource_access" not in said
            assert said["exp"] - said["iat"] == 300
            assert said["allowed-origins"] == ["https://pacs.example.org"]
            assert "offline_access" not in tokens["scope"]
    with pytest.raises(jwt.PyJWTError):
        understand(tokens["access_token"][:-6] + "AAAAAA", public)
    for wrong in (
        "https://pacs.example.org/",
        "https://pacs.example.org/ui/application",
        "https://evil.example.org/ui/app/",
    ):
        with pytest.raises(Exception, match="400"):
            running.sign_in("tokens", naming.ORTHANC_CLIENT, "ada", password, redirect_uri=wrong)
