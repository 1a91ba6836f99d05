"""Provisioning of a realm in which somebody made or changed objects by hand: one run is enough, or refuses in words."""

from __future__ import annotations

import pytest

from orthgen.errors import OrthgenError
from tests.realm.fake_keycloak import FakeKeycloak, empty_realm
from tests.support.builders import make_deployment
from tests.support.provisioning import labels, plan, provision


def test_a_flow_that_a_client_of_others_uses_stays_until_it_does_not() -> None:
    """Keycloak deletes no flow that is in use, so the plan does not try; afterwards it goes."""
    fake = FakeKeycloak()
    provision(make_deployment(), fake)
    realm = fake.realms["orthanc"]
    (flow,) = (key for key, item in realm.flows.items() if item["alias"] == "orthgen sign-in v1")
    realm.add_client({"clientId": "intranet", "authenticationFlowBindingOverrides": {"browser": flow}})
    later = make_deployment(identity="{sign-in: [accounts: {otp: optional}], keycloak: {local-port: 8081}}")

    changed = labels(provision(later, fake, prune=True))

    assert "~ flow orthgen sign-in" in changed
    assert flow in realm.flows
    assert plan(later, fake, prune=True).is_empty
    realm.client("intranet")["authenticationFlowBindingOverrides"] = {}
    assert labels(provision(later, fake)) == ["- flow version orthgen sign-in v1"]


def test_a_provider_of_another_type_is_refused_before_any_change() -> None:
    """Keycloak never changes a provider's type: half of the settings would be those of the other type."""
    fake = FakeKeycloak()
    saml = "{alias: campus, entity-id: x, sign-on-url: 'https://a.example.org/s', signing-certificate: MIIB}"
    oidc = (
        "{alias: campus, issuer: 'https://a.example.org/realms/x', client-id: x, client-secret: {secret: s}}"
    )
    roles = "{reader: {can: [view], collections: all, granted-by: [{campus: staff}]}}"
    provision(make_deployment(identity=f"{{sign-in: [saml: {saml}]}}", roles=roles), fake)
    writes = len(fake.writes)

    with pytest.raises(OrthgenError, match=r"`campus` .* type `saml`, the profile needs `oidc`"):
        provision(make_deployment(identity=f"{{sign-in: [oidc: {oidc}]}}", roles=roles), fake)

    assert len(fake.writes) == writes


def test_a_client_of_another_protocol_has_no_shared_scope_after_one_run() -> None:
    """Keycloak gives a client that changes its protocol the scopes of the new one, which the plan did not see."""
    fake = FakeKeycloak()
    realm = empty_realm(fake, "orthanc")
    realm.add_client({"clientId": "orthanc", "protocol": "saml", "defaultClientScopes": []})
    deployment = make_deployment()

    provision(deployment, fake)

    assert realm.client("orthanc")["defaultClientScopes"] == []
    assert plan(deployment, fake).is_empty


def test_a_provider_leaves_its_organization_before_there_is_none() -> None:
    """Without organizations nobody could unlink it, and Keycloak would refuse every change of it."""
    fake = FakeKeycloak()
    provider = "{issuer: 'https://a.example.org/realms/x', client-id: x, client-secret: {secret: s}}"
    deployment = make_deployment(identity=f"{{sign-in: [oidc: {provider}, accounts: {{}}]}}")
    provision(deployment, fake)
    realm = fake.realms["orthanc"]
    realm.settings["organizationsEnabled"] = True
    realm.providers["oidc"]["organizationId"] = "acme"

    changed = labels(provision(deployment, fake))

    assert changed == ["~ realm orthanc", "~ identity provider oidc"]
    assert not realm.providers["oidc"].get("organizationId")
    assert plan(deployment, fake).is_empty
