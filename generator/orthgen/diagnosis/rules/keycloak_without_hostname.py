"""A Keycloak for production without a public address."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "keycloak-without-hostname",
    Severity.ERROR,
    summary="Keycloak 25 or newer is started for production without `KC_HOSTNAME`.",
    consequence="Keycloak does not start: `hostname is not configured`.",
    remedy="Set `KC_HOSTNAME` to Keycloak's public address, path included.",
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
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
    """A Keycloak for production knows its address."""
    for server, service in keycloak.servers(deployment):
        if "start" not in keycloak.arguments(service) or keycloak.is_orthancteam_image(service):
            continue
        if (
            keycloak.option(service, "hostname") is not None
            or keycloak.option(service, "hostname-strict") == "false"
        ):
            continue
        if any(containers.mounts_at(service, "/opt/keycloak/conf")) or not keycloak.at_least_version(
            server, "25.0.0"
        ):
            continue
        yield Finding(
            RULE,
            "`start` needs `KC_HOSTNAME`",
            keycloak.place_of(service, "hostname"),
            "set `KC_HOSTNAME` to Keycloak's public address",
        )
