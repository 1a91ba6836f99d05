"""Variables and options that the version of Keycloak no longer reads."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import Keycloak, ObservedDeployment
from orthgen.observed.service_model import Service


class Removed(Struct, frozen=True):
    """A variable that Keycloak stopped reading: since which version, and what to write instead."""

    name: str
    since: str
    instead: str


_REMOVED = (
    Removed("PROXY_ADDRESS_FORWARDING", "17.0.0", "KC_PROXY_HEADERS=xforwarded and KC_HTTP_ENABLED=true"),
    Removed("KEYCLOAK_FRONTEND_URL", "17.0.0", "KC_HOSTNAME"),
    Removed("KEYCLOAK_USER", "17.0.0", "KC_BOOTSTRAP_ADMIN_USERNAME"),
    Removed("KEYCLOAK_PASSWORD", "17.0.0", "KC_BOOTSTRAP_ADMIN_PASSWORD"),
    Removed("KEYCLOAK_IMPORT", "17.0.0", "the option --import-realm and a file in /opt/keycloak/data/import"),
    Removed("DB_VENDOR", "17.0.0", "KC_DB"),
    Removed("DB_ADDR", "17.0.0", "KC_DB_URL_HOST"),
    Removed("DB_DATABASE", "17.0.0", "KC_DB_URL_DATABASE"),
    Removed("DB_USER", "17.0.0", "KC_DB_USERNAME"),
    Removed("DB_PASSWORD", "17.0.0", "KC_DB_PASSWORD"),
    Removed("KC_HOSTNAME_URL", "25.0.0", "KC_HOSTNAME, with the whole address"),
    Removed("KC_HOSTNAME_ADMIN_URL", "25.0.0", "KC_HOSTNAME_ADMIN, or nothing"),
    Removed("KC_HOSTNAME_PATH", "25.0.0", "KC_HOSTNAME, with the path in the address"),
    Removed("KC_HOSTNAME_PORT", "25.0.0", "KC_HOSTNAME, with the port in the address"),
    Removed("KC_HOSTNAME_STRICT_HTTPS", "25.0.0", "nothing: the scheme is that of KC_HOSTNAME"),
    Removed("KC_HOSTNAME_STRICT_BACKCHANNEL", "25.0.0", "KC_HOSTNAME_BACKCHANNEL_DYNAMIC"),
    Removed("KC_PROXY", "26.0.0", "KC_PROXY_HEADERS=xforwarded and KC_HTTP_ENABLED=true"),
)
RULE = Rule(
    "removed-keycloak-variable",
    Severity.ERROR,
    summary="Keycloak of this version does not read the variable or option any more.",
    consequence="Keycloak does not start, or answers with addresses that do not exist: the sign-in is redirected without end, stays "
    "blank, or the data are in another database than expected.",
    remedy="Write what the finding names.",
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HOSTNAME_STRICT_HTTPS: "true"
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
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak reads every variable and option."""
    for server, service in keycloak.servers(deployment):
        words = keycloak.arguments(service)
        for removed in _REMOVED:
            if not _is_removed(server, service, removed):
                continue
            option = f"--{removed.name.removeprefix('KC_').replace('_', '-').lower()}"
            message = f"Keycloak {keycloak.version_of(server) or '17 and newer'} does not read `{{}}`, removed in {removed.since.removesuffix('.0.0')}"
            if service.environment.has(removed.name):
                yield Finding(
                    RULE,
                    message.format(removed.name),
                    service.locate_variable(removed.name),
                    f"write {removed.instead}",
                )
            elif removed.name.startswith("KC_") and option in words:
                yield Finding(
                    RULE,
                    message.format(option),
                    service.definition.locate(("command",)),
                    f"write {removed.instead}",
                )


def _is_removed(server: Keycloak, service: Service, removed: Removed) -> bool:
    if keycloak.version_of(server):
        return at_least(keycloak.version_of(server), removed.since)
    # An image without a version number: `latest` is newer than the versions with WildFly, whose image had another name.
    return removed.since == "17.0.0" and "jboss" not in containers.repository(service)
