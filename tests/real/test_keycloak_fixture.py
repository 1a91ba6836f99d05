"""The fixtures `keycloak` and `own_keycloak`: real realms, people, tokens, exports."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.real import parts, scan
from tests.support.real.keycloak import Keycloak, KeycloakError, RunningKeycloak, claims

REALM: dict[str, Any] = {
    "realm": "fixture",
    "enabled": True,
    "displayName": "${TITLE}",
    "roles": {"realm": [{"name": "radiologist"}]},
    "clients": [
        {
            "clientId": "viewer",
            "publicClient": True,
            "standardFlowEnabled": True,
            "redirectUris": ["http://viewer.example.org/*"],
            "attributes": {"pkce.code.challenge.method": "S256"},
        },
        {"clientId": "direct", "publicClient": True, "directAccessGrantsEnabled": True},
    ],
}


@pytest.fixture(scope="module")
def realm(keycloak: RunningKeycloak) -> Iterator[str]:
    """A small realm with a client for browsers and one for passwords."""
    name = keycloak.import_realm(REALM)
    yield name
    keycloak.delete_realm(name)


def test_a_person_signs_in_on_the_page(keycloak: RunningKeycloak, realm: str) -> None:
    """A sign-in with code and PKCE gives a token with the realm roles of the person."""
    password = keycloak.add_user(realm, "ada", roles=["radiologist"])

    tokens = keycloak.sign_in(realm, "viewer", "ada", password, redirect_uri="http://viewer.example.org/")

    said = claims(tokens["access_token"])
    assert said["preferred_username"] == "ada"
    assert "radiologist" in said["realm_access"]["roles"]
    assert said["iss"] == f"{keycloak.url}/realms/{realm}"


def test_a_password_is_exchanged_where_the_client_allows_it(keycloak: RunningKeycloak, realm: str) -> None:
    """A direct grant works for the client that allows it, and is refused for the other and for a wrong password."""
    password = keycloak.add_user(realm, "bob")

    token = keycloak.password_token(realm, "direct", "bob", password)["access_token"]
    assert claims(token)["azp"] == "direct"
    # As nginx looks for it, in a realm with other applications.
    assert b'"azp":"direct",' in base64.urlsafe_b64decode(token.split(".")[1] + "==")
    with pytest.raises(KeycloakError, match="unauthorized_client"):
        keycloak.password_token(realm, "viewer", "bob", password)
    with pytest.raises(KeycloakError, match="invalid_grant"):
        keycloak.password_token(realm, "direct", "bob", "wrong")
    with pytest.raises(KeycloakError, match="no sign-in"):
        keycloak.sign_in(realm, "viewer", "bob", "wrong", redirect_uri="http://viewer.example.org/")


def test_an_unknown_key_of_a_realm_is_refused(keycloak: RunningKeycloak) -> None:
    """Keycloak does not import a realm with a key that it does not know."""
    with pytest.raises(KeycloakError, match="unable to read contents"):
        keycloak.import_realm({**REALM, "unrecognisedKey": 1}, name="refused")


def test_kcwarden_finds_faults_in_an_export(keycloak: RunningKeycloak, realm: str, tmp_path: Path) -> None:
    """The auditor fires on a client with direct grants, and names the client."""
    path = tmp_path / "export.json"
    path.write_text(json.dumps(keycloak.export(realm)))

    found = scan.kcwarden(path)

    assert any("direct" in one.place and "DirectAccess" in one.rule for one in found), found


def test_a_realm_is_imported_at_the_start(own_keycloak: Keycloak, tmp_path: Path) -> None:
    """Keycloak imports a file at its start and fills in the environment's values."""
    version = parts.keycloak_versions()[-1]
    path = tmp_path / "realm.json"
    path.write_text(json.dumps(REALM))
    environment = {"TITLE": "From outside", "KC_HOSTNAME": "https://pacs.example.org/keycloak"}

    running = own_keycloak.start(
        realms={"fixture-realm.json": path}, environment=environment, version=version
    )

    assert running.admin("GET", "/fixture").json()["displayName"] == "From outside"
    assert running.admin("GET", "/fixture/roles/radiologist").json()["name"] == "radiologist"
    assert f"Keycloak {version} " in running.log
    assert not [line for line in running.complaints() if " ERROR " in line]
