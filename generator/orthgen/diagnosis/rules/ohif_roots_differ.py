"""Different addresses of OHIF for buttons and for links."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "ohif-roots-differ",
    Severity.ERROR,
    summary="`PUBLIC_OHIF_ROOT` of the auth-service is not `OhifViewer3PublicRoot` of Orthanc Explorer 2.",
    consequence="The button opens OHIF, and share links open another address: 404, or a viewer that may not load the study.",
    remedy="Write the same address in both.",
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
                  "OrthancExplorer2": {"UiOptions": {"OhifViewer3PublicRoot": "https://pacs.example.org/ohif/"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_OHIF_ROOT: https://pacs.example.org/orthanc/ohif/
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
                  "OrthancExplorer2": {"UiOptions": {"OhifViewer3PublicRoot": "https://pacs.example.org/ohif/"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_OHIF_ROOT: https://pacs.example.org/ohif/
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Buttons and links lead to one OHIF."""
    for orthanc in deployment.orthancs:
        auth_service = identity.auth_service_of(deployment, orthanc)
        path = ("OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot")
        button = orthanc.settings.get(*path)
        link = (
            auth_service.service.variable("PUBLIC_OHIF_ROOT")
            if auth_service is not None and auth_service.service is not None
            else None
        )
        if (
            not isinstance(button, str)
            or not link
            or "$" in button + link
            or auth_service is None
            or auth_service.service is None
        ):
            continue
        is_same_origin = not addresses.is_absolute(button) or addresses.origin(button) == addresses.origin(
            link
        )
        if is_same_origin and addresses.folder(button) == addresses.folder(link):
            continue
        if len(deployment.orthancs) > 1 and is_same_origin:
            continue  # the other Orthanc may be the one that shares
        yield Finding(
            RULE,
            f"share links open OHIF at `{link}`, buttons at `{button}`",
            auth_service.service.locate_variable("PUBLIC_OHIF_ROOT"),
            "write one address in both places",
            related=((orthanc.settings.locate(path), "OhifViewer3PublicRoot"),),
        )
