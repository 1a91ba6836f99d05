"""A permission editor without the secret that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity, secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "editor-without-secret",
    Severity.WARNING,
    summary="A role has `admin-permissions`, and the auth-service has no `KEYCLOAK_CLIENT_SECRET`.",
    consequence="The page of permissions in Orthanc Explorer 2 does not open: its requests answer 404.",
    remedy="Set `KEYCLOAK_CLIENT_SECRET` to the secret of the realm's client `admin-cli`, which needs a service account.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            volumes: ["./permissions.json:/orthanc_auth_service/permissions.json"]
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
        ==> permissions.json <==
        {"roles": {"admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}}, "available-labels": []}
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            volumes: ["./permissions.json:/orthanc_auth_service/permissions.json"]
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
              KEYCLOAK_ADMIN_URI: https://sso.example.org/admin/realms/orthanc/
              KEYCLOAK_CLIENT_SECRET: ${KEYCLOAK_CLIENT_SECRET:?}
        ==> permissions.json <==
        {"roles": {"admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}}, "available-labels": []}
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The permission editor can ask Keycloak for its roles."""
    for auth_service in deployment.auth_services:
        service, document = auth_service.service, auth_service.permissions
        if service is None or document is None or not identity.uses_keycloak(auth_service):
            continue
        if (
            service.environment.has("KEYCLOAK_CLIENT_SECRET")
            or service.definition.get("entrypoint")
            or any(secrets.targets(service, "KEYCLOAK_CLIENT_SECRET"))
        ):
            continue
        holder = next(
            (
                role
                for role in identity.permission_roles(auth_service)
                if "admin-permissions" in identity.permissions_of(auth_service, role)
            ),
            None,
        )
        if holder is None:
            continue
        yield Finding(
            RULE,
            f"role `{holder}` may edit permissions, and the auth-service has no `KEYCLOAK_CLIENT_SECRET`: the page answers 404",
            document.locate(("roles", holder, "permissions")),
            "set `KEYCLOAK_CLIENT_SECRET` on the auth-service",
            related=((service.locate_variable("ENABLE_KEYCLOAK"), "the auth-service's environment"),),
        )
