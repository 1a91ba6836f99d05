"""Variables of the auth-service that it does not read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product
from orthgen.spelling import Vocabulary

_KNOWN = Vocabulary(
    (
        "SECRET_KEY",
        "USERS",
        "ENABLE_KEYCLOAK",
        "KEYCLOAK_URI",
        "KEYCLOAK_ADMIN_URI",
        "KEYCLOAK_CLIENT_SECRET",
        "ENABLE_KEYCLOAK_API_KEYS",
        "PERMISSIONS_FILE_PATH",
        "ANONYMOUS_PROFILE_FILE_PATH",
        "PUBLIC_ORTHANC_ROOT",
        "PUBLIC_LANDING_ROOT",
        "PUBLIC_OHIF_ROOT",
        "PUBLIC_MEDDREAM_ROOT",
        "OHIF_DATA_SOURCE",
        "SERVER_ID",
        "MEDDREAM_TOKEN_SERVICE_URL",
        "ENABLE_EMAILS",
        "EMAILS_TEMPLATES_ROOT",
        "EMAILS_SENDER_ADDRESS",
        "EMAILS_REPLY_TO",
        "EMAILS_SMTP_SERVER_HOSTNAME",
        "EMAILS_SMTP_SERVER_PORT",
        "EMAILS_SMTP_SERVER_TIMEOUT",
        "EMAILS_SMTP_SERVER_USER_NAME",
        "EMAILS_SMTP_SERVER_PWD",
        "EMAILS_SMTP_SERVER_USES_TLS",
    )
)
_MEANT = {
    "KEYCLOAK_REALM": "the realm is the last part of `KEYCLOAK_URI`",
    "KEYCLOAK_CLIENT_ID": "no client is configured: a token counts by its realm's signature and its audience `account`",
    "KEYCLOAK_URL": "write `KEYCLOAK_URI`, with the path `/realms/NAME/`",
}
_OURS = re.compile(
    r"(?:KEYCLOAK|PUBLIC|EMAILS?|OHIF|ENABLE|SECRET|USERS?|SERVER|PERMISSIONS?|ANONYMOUS|MEDDREAM)_?"
)
RULE = Rule(
    "unknown-auth-service-variable",
    Severity.WARNING,
    summary="The auth-service does not read this variable.",
    consequence="The setting has no effect: the default stays in force.",
    remedy="Write the variable that the finding names, or remove it.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              KEYCLOAK_REALM: hospital
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/hospital/
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service reads every variable that looks like one of its own."""
    for service in containers.of_product(deployment, Product.AUTH_SERVICE):
        for name in service.environment.value:
            if name in _KNOWN or not _OURS.match(name):
                continue
            close = None if name in _MEANT else _KNOWN.nearest(name)
            hint = _MEANT.get(name) or (f"did you mean `{close}`?" if close else "remove it")
            yield Finding(
                RULE,
                f"the auth-service does not read `{name}`",
                service.locate_variable(name),
                hint,
                replacement=containers.unused_name(service, close),
                change=EditKind.NAME,
            )
