"""A Keycloak in development mode."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "keycloak-development-mode",
    Severity.WARNING,
    summary="Keycloak is started with `start-dev`.",
    consequence="Pages are not cached, addresses are taken from each request, and without `KC_DB` users and their passwords are in a "
    "file of the container, which is gone with it.",
    remedy="Write `start`, with `KC_HOSTNAME`, `KC_HTTP_ENABLED`, `KC_PROXY_HEADERS` and `KC_DB`.",
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start-dev
            ports: ["8080:8080"]
    """,
    counterexample="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start-dev
            ports: ["127.0.0.1:8080:8080"]
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A Keycloak that other machines reach is started for production."""
    for _, service in keycloak.servers(deployment):
        if keycloak.is_development(service) and containers.is_published(deployment):
            yield Finding(
                RULE,
                "Keycloak is started in development mode",
                service.definition.locate(("command",)),
                "write `start`",
            )
