"""A client of browsers with every address."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "wildcard-redirect",
    Severity.WARNING,
    summary="The client of a browser may be redirected to every address, or be used from every site.",
    consequence="A link that looks like the hospital's sign-in sends the session of the person who follows it to a foreign site.",
    remedy="Write the addresses of Orthanc Explorer 2, and its origin in `webOrigins`.",
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
              "publicClient": true, "standardFlowEnabled": true, "directAccessGrantsEnabled": false, "fullScopeAllowed": true, "redirectUris": ["*"], "webOrigins": ["https://pacs.example.org"], "attributes": {"pkce.code.challenge.method": "S256"}
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
_EVERY = frozenset({"*", "http://*", "https://*", "/*"})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Clients of browsers name their addresses."""
    for used, client in identity.browser_clients(deployment):
        for key in ("redirectUris", "webOrigins"):
            for index, uri in enumerate(client.listed(key)):
                if str(uri) in _EVERY and not (uri == "/*" and client.get("rootUrl")):
                    yield Finding(
                        RULE,
                        f"`{key}` of client `{used.name}` allows every address",
                        client.place(key, index),
                        "write the addresses of the deployment",
                        related=((used.location, used.user),),
                    )
