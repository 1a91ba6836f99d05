"""Old names of the variables for Keycloak's first administrator."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "outdated-keycloak-admin",
    Severity.WARNING,
    summary="`KEYCLOAK_ADMIN` and `KEYCLOAK_ADMIN_PASSWORD` are deprecated since Keycloak 26.",
    consequence="Keycloak 26 warns at each start; a later version creates no administrator from them.",
    remedy="Write `KC_BOOTSTRAP_ADMIN_USERNAME` and `KC_BOOTSTRAP_ADMIN_PASSWORD`.",
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
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
              KEYCLOAK_ADMIN: operator
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
              KC_BOOTSTRAP_ADMIN_USERNAME: operator
    """,
)
_NAMES = {
    "KEYCLOAK_ADMIN": "KC_BOOTSTRAP_ADMIN_USERNAME",
    "KEYCLOAK_ADMIN_PASSWORD": "KC_BOOTSTRAP_ADMIN_PASSWORD",
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The first administrator has the variables of Keycloak 26."""
    for server, service in keycloak.servers(deployment):
        for old, new in _NAMES.items():
            if service.environment.has(old) and keycloak.at_least_version(server, "26.0.0"):
                yield Finding(
                    RULE,
                    f"`{old}` is deprecated in Keycloak {keycloak.version_of(server)}",
                    service.locate_variable(old),
                    f"write `{new}`",
                    replacement=containers.unused_name(service, new),
                    change=EditKind.NAME,
                )
