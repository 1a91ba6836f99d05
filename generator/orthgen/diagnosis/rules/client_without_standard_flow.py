"""A client of browsers without the standard flow."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "client-without-standard-flow",
    Severity.ERROR,
    summary="The standard flow is off for the client of Orthanc Explorer 2 or OHIF.",
    consequence="Keycloak answers `Client is not allowed to initiate browser login`: nobody can sign in.",
    remedy='Write `"standardFlowEnabled": true`.',
    file="realm.json",
    example="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
        ==> realm.json <==
        {
          "realm": "orthanc",
          "enabled": true,
          "clients": [
            {
              "clientId": "orthanc",
              "publicClient": true, "standardFlowEnabled": false, "directAccessGrantsEnabled": false, "fullScopeAllowed": true, "redirectUris": ["https://pacs.example.org/ui/app/*"], "webOrigins": ["https://pacs.example.org"], "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
    counterexample="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
        ==> realm.json <==
        {
          "realm": "orthanc",
          "enabled": true,
          "clients": [
            {
              "clientId": "orthanc",
              "publicClient": true, "standardFlowEnabled": true, "directAccessGrantsEnabled": false, "fullScopeAllowed": true, "redirectUris": ["https://pacs.example.org/ui/app/*"], "webOrigins": ["https://pacs.example.org"], "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Clients of browsers have the standard flow."""
    for used, client in identity.browser_clients(deployment):
        for key, wanted in (("standardFlowEnabled", True), ("bearerOnly", False)):
            if client.get(key, wanted) is not (not wanted):
                continue
            better = str(wanted).lower()
            yield Finding(
                RULE,
                f"client `{used.name}` does not allow the sign-in of {used.user}",
                client.place(key),
                f'write `"{key}": {better}`',
                related=((used.location, used.user),),
                replacement=better,
            )
