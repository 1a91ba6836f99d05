"""A Keycloak behind a reverse proxy that has neither HTTP nor a certificate."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "keycloak-without-http",
    Severity.ERROR,
    summary="Keycloak is started for production with neither `KC_HTTP_ENABLED` nor a certificate of its own.",
    consequence="Keycloak does not start: `Key material not provided to setup HTTPS`.",
    remedy='Set `KC_HTTP_ENABLED: "true"` where a reverse proxy has the certificate, and `KC_PROXY_HEADERS: xforwarded`.',
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
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
_CERTIFICATES = ("https-certificate-file", "https-key-store-file", "https-certificates-reload-period")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak has HTTP or a certificate."""
    for server, service in keycloak.servers(deployment):
        if "start" not in keycloak.arguments(service) or any(
            keycloak.option(service, name) for name in _CERTIFICATES
        ):
            continue
        if keycloak.option(service, "http-enabled") == "true" or any(
            containers.mounts_at(service, "/opt/keycloak/conf")
        ):
            continue
        if keycloak.option(service, "proxy") == "edge" and not keycloak.at_least_version(server, "26.0.0"):
            continue  # `edge` means HTTP, too
        yield Finding(
            RULE,
            "`start` needs `KC_HTTP_ENABLED` or a certificate of Keycloak's own",
            service.definition.locate(("environment",)),
            'set `KC_HTTP_ENABLED: "true"`',
            replacement='KC_HTTP_ENABLED: "true"' if service.definition.get("environment") else "",
            change=EditKind.ADDITION,
        )
