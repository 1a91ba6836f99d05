"""The addresses that administrators register at identity providers, as the list of secrets names them."""

from __future__ import annotations

import re

import pytest

from orthgen.targets import TARGETS
from tests.support.builders import make_deployment

ENTRA = """
- entra-id:
    tenant: 6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10
    client-id: app
    client-secret: {secret: entra-secret}
"""
OIDC = """
- oidc:
    alias: hospital
    issuer: https://login.hospital.example
    client-id: app
    client-secret: {secret: oidc-secret}
    claim: groups
    endpoints:
      authorization: https://login.hospital.example/authorize
      token: https://login.hospital.example/token
      jwks: https://login.hospital.example/keys
"""
LOGOUT = "      logout: https://login.hospital.example/logout\n"
GITHUB = "- github: {client-id: app, client-secret: {secret: github-secret}}\n"
BROKER = "https://pacs.example.org/sso/realms/orthanc/broker"


@pytest.mark.parametrize(
    ("sign_in", "addresses"),
    [
        (ENTRA, [f"{BROKER}/entra-id/endpoint", f"{BROKER}/entra-id/endpoint/logout_response"]),
        (OIDC, [f"{BROKER}/hospital/endpoint"]),
        (OIDC + LOGOUT, [f"{BROKER}/hospital/endpoint", f"{BROKER}/hospital/endpoint/logout_response"]),
        (GITHUB, [f"{BROKER}/github/endpoint"]),
        ("- accounts: {otp: optional}\n", []),
    ],
    ids=["entra-id", "oidc", "oidc-with-logout", "github", "accounts"],
)
def test_each_provider_has_its_addresses(sign_in: str, addresses: list[str]) -> None:
    """One for the sign-in; a second one where Keycloak waits for the provider's answer to a sign-out."""
    assert _listed({"sign-in": sign_in}) == addresses


def test_a_realm_of_others_has_the_addresses_of_others() -> None:
    """Where orthgen manages its own objects alone, it makes no provider."""
    assert (
        _listed({"sign-in": "[]", "keycloak": "{server: https://sso.example.org, manage: clients-and-roles}"})
        == []
    )


def _listed(identity: dict[str, str]) -> list[str]:
    text = "\n".join(
        f"{key}: {value}" if "\n" not in value else f"{key}:\n{value}" for key, value in identity.items()
    )
    institution = {"name": "Test", "url": "https://pacs.example.org", "paths": {"keycloak": "/sso/"}}
    deployment = make_deployment(institution=institution, identity=text)
    files = {artifact.path: artifact.text for artifact in TARGETS["compose"].render(deployment)}
    return re.findall(r"`(https://[^`]+/broker/[^`]+)`", files["secrets/README.md"])
