"""A client of browsers that asks for a secret."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "confidential-browser-client",
    Severity.ERROR,
    summary="The client of Orthanc Explorer 2 or OHIF asks for a secret, which a browser cannot keep.",
    consequence="The sign-in fails after the password: `invalid_client_credentials` at `CODE_TO_TOKEN`.",
    remedy='Turn client authentication off for this client (`"publicClient": true`), with PKCE S256.',
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
              "publicClient": false, "standardFlowEnabled": true, "directAccessGrantsEnabled": false, "fullScopeAllowed": true, "redirectUris": ["https://pacs.example.org/ui/app/*"], "webOrigins": ["https://pacs.example.org"], "attributes": {"pkce.code.challenge.method": "S256"}
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
    """Clients of browsers are public."""
    for used, client in identity.browser_clients(deployment):
        if client.get("publicClient", False) is False and not client.get("bearerOnly"):
            yield Finding(
                RULE,
                f"client `{used.name}` asks for a secret, which {used.user} does not have",
                client.place("publicClient"),
                'write `"publicClient": true`',
                related=((used.location, used.user),),
                replacement="true",
            )
