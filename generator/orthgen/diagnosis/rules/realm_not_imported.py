"""A realm's file that Keycloak does not import."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    ==> docker-compose.yml <==
    services:
      keycloak:
        image: keycloak/keycloak:26.7.3
        command: start --import-realm
        environment:
          KC_HOSTNAME: https://sso.example.org
          KC_HTTP_ENABLED: "true"
          KC_PROXY_HEADERS: xforwarded
          KC_DB: dev-mem
        volumes: ["./realm.json:/opt/keycloak/FOLDER/realm.json:ro"]
    ==> realm.json <==
    {"realm": "orthanc", "enabled": true, "bruteForceProtected": true}
"""
RULE = Rule(
    "realm-not-imported",
    Severity.ERROR,
    summary="The file of a realm is mounted, and Keycloak does not import it: it is not in `/opt/keycloak/data/import`, or "
    "`--import-realm` is missing.",
    consequence="The realm does not exist: the sign-in answers `Realm does not exist`, and the auth-service stops at its start.",
    remedy="Mount the file below `/opt/keycloak/data/import/`, and start Keycloak with `--import-realm`.",
    file="docker-compose.yml",
    example=_FILES.replace("FOLDER", "import"),
    counterexample=_FILES.replace("FOLDER", "data/import"),
)
_FOLDER = "/opt/keycloak/data/import"
_REALM_FILE = r"(?i)realm[^/]*\.json$|[^/]*realm\.json$"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak imports the realm that is mounted for it."""
    for _, service in keycloak.servers(deployment):
        words = keycloak.arguments(service)
        if keycloak.is_orthancteam_image(service) or not {"start", "start-dev"} & set(words):
            continue
        inside = [each for each in service.mounts if each.target.rstrip("/").startswith(_FOLDER)]
        outside = [
            each for each in service.mounts if each not in inside and re.search(_REALM_FILE, each.target)
        ]
        if outside and not inside:
            mount = outside[0]
            better = f"{_FOLDER}/{mount.target.rpartition('/')[2]}"
            yield Finding(
                RULE,
                f"Keycloak does not look at `{mount.target}`",
                mount.location,
                f"mount it at `{better}`",
                replacement=better,
                replaced=mount.target,
            )
        elif inside and "--import-realm" not in words:
            yield Finding(
                RULE,
                "Keycloak imports no realm: `--import-realm` is missing",
                service.definition.locate(("command",)),
                "add `--import-realm`",
                related=((inside[0].location, "the realm's file"),),
            )
