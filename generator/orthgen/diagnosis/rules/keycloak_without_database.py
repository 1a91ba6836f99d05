"""A Keycloak whose users are gone with its container."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "keycloak-without-database",
    Severity.WARNING,
    summary="Keycloak is started for production without `KC_DB`: users are in a file of the container.",
    consequence="After an update of the image or `docker compose down` all users, passwords and sessions are gone.",
    remedy="Set `KC_DB: postgres` with `KC_DB_URL_HOST`, or mount a volume at `/opt/keycloak/data`.",
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
    """,
    counterexample="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Users of Keycloak outlive its container."""
    for server, service in keycloak.servers(deployment):
        if "start" not in keycloak.arguments(service) or keycloak.is_orthancteam_image(service):
            continue
        if (
            keycloak.option(service, "db")
            or keycloak.option(service, "db-url")
            or not keycloak.at_least_version(server, "17.0.0")
        ):
            continue
        mounts = containers.mounts_at(service, "/opt/keycloak/data", "/opt/keycloak/conf")
        if any(not mount.target.startswith("/opt/keycloak/data/import") for mount in mounts):
            continue  # the folder of imports alone keeps nothing
        yield Finding(
            RULE,
            "Keycloak keeps its users in the container: there is no `KC_DB`",
            keycloak.place_of(service, "db"),
            "set `KC_DB: postgres` and `KC_DB_URL_HOST`",
        )
