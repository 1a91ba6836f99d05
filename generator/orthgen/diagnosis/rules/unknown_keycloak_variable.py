"""Misspelt variables of Keycloak."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import Vocabulary

_KNOWN = Vocabulary(
    (
        "KC_BOOTSTRAP_ADMIN_USERNAME",
        "KC_BOOTSTRAP_ADMIN_PASSWORD",
        "KC_BOOTSTRAP_ADMIN_CLIENT_ID",
        "KC_BOOTSTRAP_ADMIN_CLIENT_SECRET",
        "KC_BOOTSTRAP_ADMIN_EXPIRATION",
        "KC_HOSTNAME",
        "KC_HOSTNAME_ADMIN",
        "KC_HOSTNAME_BACKCHANNEL_DYNAMIC",
        "KC_HOSTNAME_DEBUG",
        "KC_HOSTNAME_STRICT",
        "KC_HTTP_ENABLED",
        "KC_HTTP_HOST",
        "KC_HTTP_MAX_QUEUED_REQUESTS",
        "KC_HTTP_MANAGEMENT_HEALTH_ENABLED",
        "KC_HTTP_MANAGEMENT_HOST",
        "KC_HTTP_MANAGEMENT_PORT",
        "KC_HTTP_MANAGEMENT_RELATIVE_PATH",
        "KC_HTTP_MANAGEMENT_SCHEME",
        "KC_HTTP_METRICS_HISTOGRAMS_ENABLED",
        "KC_HTTP_METRICS_SLOS",
        "KC_HTTP_OPTIMIZED_SERIALIZERS",
        "KC_HTTP_POOL_MAX_THREADS",
        "KC_HTTP_PORT",
        "KC_HTTP_RELATIVE_PATH",
        "KC_HTTP_ACCESS_LOG_ENABLED",
        "KC_PROXY_HEADERS",
        "KC_PROXY_PROTOCOL_ENABLED",
        "KC_PROXY_TRUSTED_ADDRESSES",
        "KC_HEALTH_ENABLED",
        "KC_METRICS_ENABLED",
        "KC_FEATURES",
        "KC_FEATURES_DISABLED",
        "KC_DB",
        "KC_DB_URL",
        "KC_DB_URL_HOST",
        "KC_DB_URL_DATABASE",
        "KC_DB_URL_PORT",
        "KC_DB_URL_PROPERTIES",
        "KC_DB_USERNAME",
        "KC_DB_PASSWORD",
        "KC_DB_SCHEMA",
        "KC_DB_DRIVER",
        "KC_DB_POOL_INITIAL_SIZE",
        "KC_DB_POOL_MIN_SIZE",
        "KC_DB_POOL_MAX_SIZE",
        "KC_DB_POOL_MAX_LIFETIME",
        "KC_LOG",
        "KC_LOG_LEVEL",
    )
)
# Families of variables with names that people choose, or that grow with each release, are not looked at.
_LOOKED_AT = re.compile(
    r"KC_(?:BOOTSTRAP|HOSTNAME|PROXY|HEALTH|METRICS|FEATURES?|DB_(?:URL|USER|PASS|NAME|HOST|POOL)|HTTP_(?!MANAGEMENT|METRICS|ACCESS))"
)
_REMOVED = frozenset(
    {
        "KC_HOSTNAME_URL",
        "KC_HOSTNAME_ADMIN_URL",
        "KC_HOSTNAME_PATH",
        "KC_HOSTNAME_PORT",
        "KC_HOSTNAME_STRICT_HTTPS",
        "KC_HOSTNAME_STRICT_BACKCHANNEL",
        "KC_PROXY",
    }
)
RULE = Rule(
    "unknown-keycloak-variable",
    Severity.WARNING,
    summary="Keycloak does not read this variable.",
    consequence="The setting has no effect. With a wrong name of the first administrator, Keycloak creates `temp-admin`.",
    remedy="Write the variable that the finding names.",
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
              KC_BOOTSTRAP_ADMIN: admin
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
              KC_BOOTSTRAP_ADMIN_USERNAME: admin
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak reads every variable of the families that are fixed."""
    for _, service in keycloak.servers(deployment):
        for name in service.environment.value:
            if name in _KNOWN or name in _REMOVED or not _LOOKED_AT.match(name):
                continue
            close = (
                "KC_BOOTSTRAP_ADMIN_USERNAME"
                if name in {"KC_BOOTSTRAP_ADMIN", "KC_BOOTSTRAP_ADMIN_USER"}
                else _KNOWN.nearest(name)
            )
            yield Finding(
                RULE,
                f"Keycloak does not read `{name}`",
                service.locate_variable(name),
                f"did you mean `{close}`?" if close else "remove it",
                replacement=containers.unused_name(service, close),
                change=EditKind.NAME,
            )
