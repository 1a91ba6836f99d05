"""A client of browsers that accepts passwords."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "direct-access-grants",
    Severity.WARNING,
    summary="The client of a browser accepts passwords directly.",
    consequence="Programs try passwords without the sign-in page, its second factor and the identity provider behind it.",
    remedy='Write `"directAccessGrantsEnabled": false`.',
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
              "publicClient": true, "standardFlowEnabled": true, "directAccessGrantsEnabled": true, "fullScopeAllowed": true, "redirectUris": ["https://pacs.example.org/ui/app/*"], "webOrigins": ["https://pacs.example.org"], "attributes": {"pkce.code.challenge.method": "S256"}
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
    """Clients of browsers accept no passwords."""
    for used, client in identity.browser_clients(deployment):
        if client.get("directAccessGrantsEnabled", False) is True:
            yield Finding(
                RULE,
                f"client `{used.name}` accepts passwords without the sign-in page",
                client.place("directAccessGrantsEnabled"),
                'write `"directAccessGrantsEnabled": false`',
                related=((used.location, used.user),),
                replacement="false",
            )
