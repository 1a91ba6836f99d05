"""A Keycloak behind a reverse proxy that ignores what the proxy says."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "keycloak-without-proxy-headers",
    Severity.WARNING,
    summary="Keycloak behind a reverse proxy has no `KC_PROXY_HEADERS`.",
    consequence="Keycloak takes every request for an http request of the proxy itself: the sign-in fails with `HTTPS required` or "
    "403 on its forms, and failed sign-ins of one person lock out everybody.",
    remedy="Set `KC_PROXY_HEADERS: xforwarded`, and let the proxy set `X-Forwarded-For`, `-Proto`, `-Host` and `-Port`.",
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
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
    """Keycloak reads the headers of the proxy that has its certificate."""
    for server, service in keycloak.servers(deployment):
        hostname = keycloak.hostname(service) or ""
        is_behind = hostname.startswith("https://") and keycloak.option(service, "http-enabled") == "true"
        if not is_behind or "start" not in keycloak.arguments(service):
            continue
        if keycloak.option(service, "proxy-headers") or (
            keycloak.option(service, "proxy") and not keycloak.at_least_version(server, "26.0.0")
        ):
            continue
        if any(containers.mounts_at(service, "/opt/keycloak/conf")):
            continue
        yield Finding(
            RULE,
            "Keycloak has https in its address and HTTP inside, and does not read the headers of the proxy between",
            service.definition.locate(("environment",)),
            "set `KC_PROXY_HEADERS: xforwarded`",
            replacement="KC_PROXY_HEADERS: xforwarded" if service.definition.get("environment") else "",
            change=EditKind.ADDITION,
        )
