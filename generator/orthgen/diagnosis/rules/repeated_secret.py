"""One secret for several purposes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.secret_detection import is_sample

RULE = Rule(
    "repeated-secret",
    Severity.WARNING,
    summary="The same secret is written for purposes that have nothing to do with each other.",
    consequence="A program, or a person who left, that knows one of them has all of them.",
    remedy="Make a secret for each purpose.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: 5tZ8vQ2mLw7rXk}
            volumes: ["db:/var/lib/postgresql"]
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
              KC_BOOTSTRAP_ADMIN_PASSWORD: 5tZ8vQ2mLw7rXk
        volumes: {db: }
    """,
    counterexample="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
            volumes: ["db:/var/lib/postgresql"]
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
              KC_BOOTSTRAP_ADMIN_PASSWORD: ${ADMIN_PASSWORD:?}
        volumes: {db: }
    """,
    also=("secret-in-file",),
    is_advice=True,
)
# Secrets that two services share by their purpose: both sides of one sign-in.
_PURPOSES = (
    (
        r"POSTGRES(?:QL)?_+PASSWORD|PG_?PASSWORD|KC_DB_PASSWORD|PostgreSQL\.Password|POSTGRESQL__PASSWORD|DB_PASSWORD",
        "the database",
    ),
    (r"(?:MYSQL|MARIADB)_(?:ROOT_)?PASSWORD|MySQL\.Password|MYSQL__PASSWORD", "the database"),
    (r"(?i)WEB_?SERVICE_?PASSWORD|WebServicePassword", "Orthanc at the auth-service"),
    (r"KEYCLOAK_CLIENT_SECRET", "the auth-service at Keycloak"),
    (r"(?i)SECRET_?KEY|AWS|MINIO|S3", "keys"),
    (r"ADMIN", "the administrator of Keycloak"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Each purpose has its own secret."""
    by_value: dict[str, list[secrets.Secret]] = {}
    for secret in secrets.secrets_of(deployment):
        by_value.setdefault(secret.value, []).append(secret)
    for same in by_value.values():
        purposes = {_purpose(secret.name): secret for secret in reversed(same)}
        if len(purposes) > 1 and not is_sample(same[0].value):
            first, *others = purposes.values()
            yield Finding(
                RULE,
                f"`{first.name}` and `{others[0].name}` are the same secret",
                first.location,
                "make a secret for each purpose",
                related=tuple((other.location, other.name) for other in others),
                is_sensitive=True,
            )


def _purpose(name: str) -> str:
    return next((purpose for pattern, purpose in _PURPOSES if re.search(pattern, name)), name)
