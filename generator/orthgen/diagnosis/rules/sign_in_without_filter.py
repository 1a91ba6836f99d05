"""A sign-in at Keycloak that decides about nothing."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "sign-in-without-filter",
    Severity.ERROR,
    summary="Orthanc Explorer 2 signs people in at Keycloak, and nothing in Orthanc checks their tokens.",
    consequence="The sign-in protects the pages only: everybody who sends a request to Orthanc without them reads and deletes "
    "every study.",
    remedy="Configure the authorization plugin (`Authorization.WebServiceRootUrl`) and run the auth-service.",
    file="orthanc.json",
    example="""
        {
          "RemoteAccessAllowed": true,
          "AuthenticationEnabled": false,
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
    """,
    counterexample="""
        {
          "RemoteAccessAllowed": true,
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The authorization plugin stands behind the sign-in."""
    for orthanc in deployment.orthancs:
        signs_in = orthancs.is_on(orthanc, "OrthancExplorer2", "Keycloak", "Enable", default=False)
        if (
            signs_in
            and orthanc.is_complete
            and not orthancs.filters(orthanc)
            and not orthancs.authenticates(orthanc)
        ):
            if orthancs.section(orthanc, "Authorization"):
                continue  # `authorization-without-filter` and `plugin-not-loaded` name the cause
            yield Finding(
                RULE,
                "Orthanc Explorer 2 signs people in at Keycloak, and no `Authorization` section checks their tokens",
                orthancs.place(orthanc, "OrthancExplorer2", "Keycloak", "Enable"),
                "add the section `Authorization` with `WebServiceRootUrl`",
                related=((orthancs.place(orthanc, "AuthenticationEnabled"), "AuthenticationEnabled"),),
            )
