"""API keys that only one side knows."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "half-configured-api-keys",
    Severity.WARNING,
    summary="API keys are configured at Orthanc or at the auth-service, and not at both.",
    consequence="Programs with an API key get 403: Orthanc does not read the header, or the auth-service does not know the key.",
    remedy='Set `"TokenHttpHeaders": ["api-key"]` in `Authorization`, and `ENABLE_KEYCLOAK_API_KEYS` and '
    "`KEYCLOAK_CLIENT_SECRET` on the auth-service.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
              ENABLE_KEYCLOAK_API_KEYS: "true"
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
              KEYCLOAK_ADMIN_URI: https://sso.example.org/admin/realms/orthanc/
              KEYCLOAK_CLIENT_SECRET: ${KEYCLOAK_CLIENT_SECRET:?}
              ENABLE_KEYCLOAK_API_KEYS: "true"
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Both sides know API keys, and the auth-service can look them up."""
    for auth_service in deployment.auth_services:
        service = auth_service.service
        if service is None or service.variable("ENABLE_KEYCLOAK_API_KEYS") != "true":
            continue
        location = service.locate_variable("ENABLE_KEYCLOAK_API_KEYS")
        has_secret = service.environment.has("KEYCLOAK_CLIENT_SECRET") or any(
            secrets.targets(service, "KEYCLOAK_CLIENT_SECRET")
        )
        if not has_secret and not service.definition.get("entrypoint"):
            yield Finding(
                RULE,
                "API keys need `KEYCLOAK_CLIENT_SECRET`; without it the auth-service stops at start",
                location,
                "set `KEYCLOAK_CLIENT_SECRET`",
            )
        for orthanc in deployment.orthancs:
            headers = [
                str(name).lower()
                for name in as_list(orthancs.setting(orthanc, "Authorization", "TokenHttpHeaders"))
            ]
            if orthancs.filters(orthanc) and orthanc.is_complete and "api-key" not in headers:
                yield Finding(
                    RULE,
                    "the auth-service knows API keys, and Orthanc does not read the header `api-key`",
                    orthancs.place(orthanc, "Authorization", "TokenHttpHeaders"),
                    'write `"TokenHttpHeaders": ["api-key"]`',
                    related=((location, "ENABLE_KEYCLOAK_API_KEYS"),),
                )
