"""Different names of one Orthanc at the auth-service and in the plugin."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "server-id-differs",
    Severity.ERROR,
    summary="`SERVER_ID` of the auth-service is not the plugin's `WebServiceIdentifier`.",
    consequence="Links and shares do not open: the auth-service takes them for links to another server.",
    remedy="Write the same value in both, or remove both.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
              ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: http://orthanc-auth-service:8000/
              ORTHANC__AUTHORIZATION__WEB_SERVICE_IDENTIFIER: pacs
              ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
              ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["orthanc-explorer-2"]'
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              SERVER_ID: orthanc
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
              ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: http://orthanc-auth-service:8000/
              ORTHANC__AUTHORIZATION__WEB_SERVICE_IDENTIFIER: orthanc
              ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
              ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["orthanc-explorer-2"]'
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              SERVER_ID: orthanc
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Both call Orthanc by one name."""
    for orthanc in deployment.orthancs:
        auth_service = identity.auth_service_of(deployment, orthanc)
        if (
            auth_service is None
            or auth_service.service is None
            or not orthancs.filters(orthanc)
            or not orthanc.is_complete
        ):
            continue
        plugin = orthancs.setting(orthanc, "Authorization", "WebServiceIdentifier")
        server = auth_service.service.variable("SERVER_ID")
        if (
            server is not None
            and "${" not in server
            and (plugin or "") != server
            and "$" not in str(plugin or "")
        ):
            yield Finding(
                RULE,
                f"`SERVER_ID` is `{server}`, and the plugin's `WebServiceIdentifier` is "
                + (f"`{plugin}`" if plugin else "not set"),
                auth_service.service.locate_variable("SERVER_ID"),
                f'write `"WebServiceIdentifier": "{server}"`',
                related=(
                    (
                        orthancs.place(orthanc, "Authorization", "WebServiceIdentifier"),
                        "WebServiceIdentifier",
                    ),
                ),
            )
