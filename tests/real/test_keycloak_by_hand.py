"""Real realms in which somebody made objects by hand: the first run ends in sync, and the second has nothing to do."""

from __future__ import annotations

import pytest

from orthgen.deployment.model import Deployment
from orthgen.realm.admin.client import AdminClient, Administrator
from tests.support.builders import make_deployment
from tests.support.provisioning import in_realm, labels, plan, provision
from tests.support.real.keycloak import RunningKeycloak

REALM = "by-hand"


@pytest.fixture(params=["keycloak", "oldest_keycloak"])
def server(request: pytest.FixtureRequest) -> RunningKeycloak:
    """The newest and the oldest Keycloak."""
    running: RunningKeycloak = request.getfixturevalue(request.param)
    return running


def deployment() -> Deployment:
    """People sign in at a provider or by accounts."""
    identity = """
      keycloak: {local-port: 8081}
      sign-in:
        - oidc: {issuer: "https://login.example.org/realms/x", client-id: x, client-secret: {secret: s}}
        - accounts: {}
    """
    return in_realm(make_deployment(identity=identity), REALM)


def converges(keycloak: RunningKeycloak) -> bool:
    """Whether one run is enough."""
    administrator = Administrator(user="admin", password=keycloak.admin_password)
    admin_client = AdminClient(keycloak.url, administrator)
    provision(deployment(), admin_client)
    remaining = labels(plan(deployment(), admin_client))
    keycloak.delete_realm(REALM)
    return remaining == []


def test_a_client_of_another_protocol_has_no_shared_scope_after_one_run(server: RunningKeycloak) -> None:
    """A SAML client of that name gets the shared scopes of OpenID Connect with the other protocol."""
    server.admin("POST", "", {"realm": REALM, "enabled": True})
    server.admin("POST", f"/{REALM}/clients", {"clientId": "orthanc", "protocol": "saml"})

    assert converges(server)


def test_a_provider_leaves_its_organization_before_there_is_none(server: RunningKeycloak) -> None:
    """Keycloak disables a linked provider where organizations are switched off, and refuses to change it."""
    server.admin("POST", "", {"realm": REALM, "enabled": True, "organizationsEnabled": True})
    config = {
        "clientId": "x",
        "authorizationUrl": "https://x.example.org/",
        "tokenUrl": "https://x.example.org/",
    }
    provider = {"alias": "oidc", "providerId": "oidc", "enabled": True, "config": config}
    server.admin("POST", f"/{REALM}/identity-provider/instances", provider)
    acme = {"name": "acme", "domains": [{"name": "acme.example", "verified": False}]}
    server.admin("POST", f"/{REALM}/organizations", acme)
    (organization,) = server.admin("GET", f"/{REALM}/organizations").json()
    path = f"/{REALM}/organizations/{organization['id']}/identity-providers"
    server.admin("POST", path, "oidc")

    assert converges(server)
