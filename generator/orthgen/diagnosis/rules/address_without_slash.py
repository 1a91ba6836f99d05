"""Addresses of the auth-service that lose their last part, for want of a slash."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "address-without-slash",
    Severity.ERROR,
    summary="An address of the auth-service does not end in `/`. It is joined with what follows, which replaces its last part.",
    consequence="The auth-service asks Keycloak at a path without the realm and gets 404: it stops, or API keys and the list of "
    "roles stay empty. Links of shares lose their last folder.",
    remedy="Write the slash at the end.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
    """,
    also=("anonymous-upload",),
)
_VARIABLES = (
    "KEYCLOAK_URI",
    "KEYCLOAK_ADMIN_URI",
    "PUBLIC_ORTHANC_ROOT",
    "PUBLIC_OHIF_ROOT",
    "PUBLIC_MEDDREAM_ROOT",
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Addresses that the auth-service joins with others end in a slash."""
    for auth_service in deployment.auth_services:
        for name in _VARIABLES if auth_service.service is not None else ():
            value = auth_service.service.variable(name) if auth_service.service is not None else None
            if value and not value.endswith("/") and "${" not in value:
                path = addresses.split(value).path
                if not path:
                    continue  # nothing to lose: urljoin adds the slash
                yield Finding(
                    RULE,
                    f"`{name}` does not end in `/`: `{path.rpartition('/')[2]}` is lost where the auth-service adds a path",
                    auth_service.service.locate_variable(name)
                    if auth_service.service is not None
                    else Location("", 1, 1),
                    f"write `{value}/`",
                    replacement=f"{value}/",
                )
