"""Shares of a type that does not exist, or without the address that they need."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity, secrets
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import did_you_mean, nearest

_ROOTS = {
    "stone-viewer-publication": "PUBLIC_ORTHANC_ROOT",
    "osimis-viewer-publication": "PUBLIC_ORTHANC_ROOT",
    "volview-viewer-publication": "PUBLIC_ORTHANC_ROOT",
    "ohif-viewer-publication": "PUBLIC_OHIF_ROOT",
    "meddream-viewer-publication": "PUBLIC_MEDDREAM_ROOT",
}
RULE = Rule(
    "share-without-address",
    Severity.ERROR,
    summary="The type of shares is unknown, or the auth-service lacks the public address that links of this type begin with.",
    consequence="The dialog of a share shows an empty link.",
    remedy="Set `PUBLIC_OHIF_ROOT` for `ohif-viewer-publication`, `PUBLIC_ORTHANC_ROOT` for Stone and VolView, on the auth-service.",
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
                  "OrthancExplorer2": {"UiOptions": {"EnableShares": true}, "Tokens": {"ShareType": "ohif-viewer-publication"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/orthanc/
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
                  "OrthancExplorer2": {"UiOptions": {"EnableShares": true}, "Tokens": {"ShareType": "ohif-viewer-publication"}}
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
    also=("links-open-archives", "links-open-writing"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Links of shares have an address to begin with."""
    for orthanc in deployment.orthancs:
        if not orthancs.is_on(orthanc, "OrthancExplorer2", "UiOptions", "EnableShares", default=False):
            continue
        path = ("OrthancExplorer2", "Tokens", "ShareType")
        kind = orthanc.settings.get(*path)
        place = orthanc.settings.locate(path)
        if isinstance(kind, str) and kind not in _ROOTS:
            close = nearest(kind, _ROOTS)
            yield Finding(
                RULE,
                f"the auth-service makes no share of type `{kind}`",
                place,
                did_you_mean(kind, _ROOTS),
                replacement=f'"{close}"' if close else "",
            )
            continue
        auth_service = identity.auth_service_of(deployment, orthanc)
        if (
            auth_service is None
            or auth_service.service is None
            or auth_service.service.definition.get("env_file")
        ):
            continue
        variable = _ROOTS[str(kind or "osimis-viewer-publication")]
        service = auth_service.service
        if (
            isinstance(kind, str)
            and not service.environment.has(variable)
            and not any(secrets.targets(service, variable))
        ):
            yield Finding(
                RULE,
                f"shares of type `{kind}` need `{variable}`, which the auth-service does not have",
                place,
                f"set `{variable}` on the auth-service",
                related=((service.locate_variable(variable), "the auth-service's environment"),),
            )
