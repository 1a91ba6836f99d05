"""A user that Orthanc signs in as and that the auth-service does not have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity, secrets
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "unknown-web-service-user",
    Severity.ERROR,
    summary="Orthanc signs in at the auth-service with a name or a password that `USERS` does not have.",
    consequence="The auth-service refuses every question, and Orthanc answers 403 to everybody.",
    remedy="Make `WebServiceUsername` and `WebServicePassword` one of the pairs in `USERS`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
              ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: http://orthanc-auth-service:8000/
              ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: orthanc
              ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: ${WEB_SERVICE_PASSWORD:?}
              ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
              ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["orthanc-explorer-2"]'
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: '{"reader": "${WEB_SERVICE_PASSWORD:?}"}'
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
              ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: http://orthanc-auth-service:8000/
              ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: orthanc
              ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD: ${WEB_SERVICE_PASSWORD:?}
              ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
              ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["orthanc-explorer-2"]'
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: '{"orthanc": "${WEB_SERVICE_PASSWORD:?}"}'
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc signs in as a user of the auth-service's."""
    for orthanc in deployment.orthancs:
        auth_service = identity.auth_service_of(deployment, orthanc)
        users = identity.users(auth_service) if auth_service is not None else None
        if auth_service is None or auth_service.service is None or not users:
            continue
        related = ((auth_service.service.locate_variable("USERS"), "USERS"),)
        name = orthancs.setting(orthanc, "Authorization", "WebServiceUsername")
        password = orthancs.setting(orthanc, "Authorization", "WebServicePassword")
        if isinstance(name, str) and name not in users and "$" not in name:
            location = orthancs.place(orthanc, "Authorization", "WebServiceUsername")
            names = ", ".join(f"`{each}`" for each in users)
            yield Finding(
                RULE,
                f"Orthanc signs in as `{name}`; `USERS` has {names}",
                location,
                "write one of them",
                related=related,
                replacement=names.replace("`", '"') if len(users) == 1 else "",
            )
        elif isinstance(name, str) and isinstance(password, str) and _differ(password, users.get(name)):
            location = orthancs.place(orthanc, "Authorization", "WebServicePassword")
            yield Finding(
                RULE,
                f"Orthanc's password as `{name}` is not the one in `USERS`",
                location,
                "write the same password",
                related=related,
                is_sensitive=True,
            )
        elif name is None and orthanc.is_complete and orthancs.filters(orthanc) and not _has_secret(orthanc):
            location = orthancs.place(orthanc, "Authorization", "WebServiceUsername")
            yield Finding(
                RULE,
                "Orthanc has no `WebServiceUsername`, which the auth-service asks for",
                location,
                "add `WebServiceUsername` and `WebServicePassword`",
                related=related,
            )


def _differ(password: str, expected: object) -> bool:
    """Whether two passwords are known and different: a variable that was not replaced could be either."""
    return (
        isinstance(expected, str)
        and password != expected
        and secrets.is_known(password)
        and secrets.is_known(expected)
    )


def _has_secret(orthanc: Orthanc) -> bool:
    return orthanc.service is not None and any(
        secrets.targets(orthanc.service, "WEB_SERVICE_USERNAME", ".json")
    )
