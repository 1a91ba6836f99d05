"""Roles that nobody can have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "roles-without-keycloak",
    Severity.WARNING,
    summary="permissions.json has roles, and the auth-service has no `ENABLE_KEYCLOAK`.",
    consequence="Nobody has one of the roles: everybody is anonymous, and has what the anonymous profile allows.",
    remedy='Set `ENABLE_KEYCLOAK: "true"`; without Keycloak, let Orthanc ask for passwords and remove the file.',
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
        ==> permissions.json <==
        {"roles": {"doctor": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}}, "available-labels": []}
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
        {"roles": {"doctor": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}}, "available-labels": []}
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Roles are written where users come from Keycloak."""
    signs_in = any(
        orthancs.is_on(each, "OrthancExplorer2", "Keycloak", "Enable", default=False)
        for each in deployment.orthancs
    )
    for auth_service in deployment.auth_services:
        service, document = auth_service.service, auth_service.permissions
        if signs_in or service is None or document is None or identity.uses_keycloak(auth_service):
            continue  # `tokens-not-read` names the cause
        if identity.permission_roles(auth_service) and "$" not in (service.variable("ENABLE_KEYCLOAK") or ""):
            yield Finding(
                RULE,
                "nobody can have these roles: the auth-service takes no users from Keycloak",
                document.locate(("roles",)),
                'set `ENABLE_KEYCLOAK: "true"` on the auth-service',
                related=((service.locate_variable("ENABLE_KEYCLOAK"), "the auth-service's environment"),),
            )
