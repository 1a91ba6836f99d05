"""A client of browsers without PKCE."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "client-without-pkce",
    Severity.WARNING,
    summary="The client of a browser does not have to use PKCE with S256.",
    consequence="A program that sees the address after the sign-in (a log, an extension) can take the session over.",
    remedy="Set the attribute `pkce.code.challenge.method` to `S256`: Orthanc Explorer 2 and OHIF use it.",
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
              "publicClient": true, "standardFlowEnabled": true, "directAccessGrantsEnabled": false, "fullScopeAllowed": true, "redirectUris": ["https://pacs.example.org/ui/app/*"], "webOrigins": ["https://pacs.example.org"], "attributes": {"pkce.code.challenge.method": "plain"}
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
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Clients of browsers use PKCE with S256."""
    for used, client in identity.browser_clients(deployment):
        if client.get("publicClient") and client.attribute("pkce.code.challenge.method") != "S256":
            yield Finding(
                RULE,
                f"client `{used.name}` does not require PKCE with S256",
                client.place("attributes", "pkce.code.challenge.method"),
                'write `"pkce.code.challenge.method": "S256"`',
                related=((used.location, used.user),),
                replacement="" if client.attribute("pkce.code.challenge.method") is None else '"S256"',
            )
