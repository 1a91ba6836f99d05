"""The auth-service, Keycloak and the files that nobody mounts are put where they belong."""

from __future__ import annotations

import json

from orthgen.observed.model import SourceKind
from orthgen.observed.read import observe_texts

PERMISSIONS = '{"roles": {"doctor": {"authorized-labels": ["*"], "permissions": ["view"]}}} // who may what'
ANONYMOUS = '{"name": "Anonymous", "validity": 60, "permissions": [], "authorized-labels": []}'
REALM = json.dumps({"realm": "orthanc", "clients": [], "roles": {"realm": []}})
COMPOSE = """
services:
  auth:
    image: orthancteam/orthanc-auth-service:26.4.1
    environment: {PERMISSIONS_FILE_PATH: /my/roles.json}
    volumes: ["./roles.json:/my/roles.json"]
  keycloak:
    image: quay.io/keycloak/keycloak:26.7.3
    volumes: ["./import:/opt/keycloak/data/import:ro"]
  orthanc:
    image: orthancteam/orthanc:latest
"""


def test_mounted_files_belong_to_their_services() -> None:
    """permissions.json stands where a variable says, a realm in Keycloak's folder for imports."""
    deployment = observe_texts(
        {"compose.yml": COMPOSE, "roles.json": PERMISSIONS, "import/realm.json": REALM}
    )
    (auth,) = deployment.auth_services
    (keycloak,) = deployment.keycloaks

    assert auth.permissions is not None
    assert auth.permissions.file == "roles.json"
    assert (auth.release, keycloak.version) == ("26.4", "26.7.3")
    assert auth.anonymous_profile is None
    assert [realm.file for realm in keycloak.realms] == ["import/realm.json"]
    assert (deployment.orthancs[0].release, deployment.orthancs[0].settings.value) == ("", {})


def test_files_that_nobody_mounts_belong_to_the_only_service() -> None:
    """A file without a mount is taken for the configuration of the one service that it can belong to."""
    texts = {
        "compose.yml": COMPOSE,
        "anonymous.json": ANONYMOUS,
        "realm.json": REALM,
        "o.json": '{"DicomAet": "A"}',
    }
    deployment = observe_texts(texts)

    assert deployment.auth_services[0].anonymous_profile is not None
    assert len(deployment.auth_services) == len(deployment.keycloaks) == len(deployment.orthancs) == 1
    assert [realm.file for realm in deployment.keycloaks[0].realms] == ["realm.json"]
    assert deployment.orthancs[0].settings.value == {"DicomAet": "A"}


def test_files_alone_are_services_without_containers() -> None:
    """Files without a Compose file are recognised by what stands in them."""
    deployment = observe_texts(
        {"a.json": PERMISSIONS, "b.json": ANONYMOUS, "c.json": REALM, "d.txt": "just words"}
    )

    assert [source.kind for source in deployment.sources] == [
        SourceKind.PERMISSIONS,
        SourceKind.ANONYMOUS_PROFILE,
        SourceKind.REALM,
        SourceKind.UNKNOWN,
    ]
    assert deployment.unseen == ("`d.txt` was not recognised as a part of a deployment.",)
    assert deployment.auth_services[0].permissions is not None


def test_secrets_are_not_shown() -> None:
    """Values behind names of secrets, and files of secrets, are in no text for excerpts."""
    compose = """
services:
  orthanc:
    image: orthancteam/orthanc:26.8.1
    environment: {ORTHANC__POSTGRESQL__PASSWORD: hunter22, ORTHANC_PASSWORD: hunter33}
    secrets: [key]
secrets: {key: {file: key}}
"""
    deployment = observe_texts(
        {"compose.yml": compose, "o.json": '{"RegisteredUsers": {}, "OrthancPeers": {}}', "key": "hunter44"}
    )

    assert not any("hunter" in text for text in deployment.texts.values())
    assert [source.kind for source in deployment.sources if source.file == "key"] == [SourceKind.SECRET]
    assert deployment.orthancs[0].settings.get("PostgreSQL", "Password") == "hunter22"
