"""A sign-in at Keycloak whose tokens the auth-service does not read."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "tokens-not-read",
    Severity.ERROR,
    summary="Orthanc Explorer 2 signs people in at Keycloak, and the auth-service has no `ENABLE_KEYCLOAK`.",
    consequence="Everybody who signed in is anonymous to Orthanc, and gets 403.",
    remedy='Set `ENABLE_KEYCLOAK: "true"` on the auth-service.',
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "WebServiceUsername": "orthanc", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
                  "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "orthanc", "ClientId": "orthanc"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "WebServiceUsername": "orthanc", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
                  "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "orthanc", "ClientId": "orthanc"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
        volumes: {orthanc: }
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Where people sign in at Keycloak, the auth-service reads Keycloak's tokens."""
    for orthanc in deployment.orthancs:
        auth_service = identity.auth_service_of(deployment, orthanc)
        if auth_service is None or auth_service.service is None:
            continue
        if not orthancs.is_on(orthanc, "OrthancExplorer2", "Keycloak", "Enable", default=False):
            continue
        value = auth_service.service.variable("ENABLE_KEYCLOAK")
        if value == "true" or (value is not None and "$" in value):
            continue
        yield Finding(
            RULE,
            "Orthanc Explorer 2 signs people in at Keycloak, and the auth-service does not read Keycloak's tokens"
            + (f": `ENABLE_KEYCLOAK` is `{value}`, not `true`" if value is not None else ""),
            auth_service.service.locate_variable("ENABLE_KEYCLOAK"),
            'set `ENABLE_KEYCLOAK: "true"`',
            related=(
                (
                    orthancs.place(orthanc, "OrthancExplorer2", "Keycloak", "Enable"),
                    "the sign-in at Keycloak",
                ),
            ),
        )
