"""A client secret in the configuration that Orthanc Explorer 2 gives to browsers."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "client-secret-in-browser",
    Severity.ERROR,
    summary="`OrthancExplorer2.Keycloak.ClientSecret` does not exist, and its section is sent to every browser.",
    consequence="The sign-in fails at the token endpoint, because no secret is sent; everybody can read the secret in "
    "`/ui/api/pre-login-configuration`.",
    remedy="Remove the key, turn client authentication off for this client in Keycloak, and make a new secret if other "
    "programs use it.",
    file="orthanc.json",
    example="""
        {
          "OrthancExplorer2": {
            "Keycloak": {
              "Enable": false,
              "Url": "https://pacs.example.org/keycloak/",
              "Realm": "orthanc",
              "ClientId": "orthanc",
              "ClientSecret": "0d1e7f2b9c"
            }
          }
        }
    """,
    counterexample="""
        {
          "OrthancExplorer2": {
            "Keycloak": {
              "Enable": false,
              "Url": "https://pacs.example.org/keycloak/",
              "Realm": "orthanc",
              "ClientId": "orthanc"
            }
          }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The client of Orthanc Explorer 2 is public."""
    path = ("OrthancExplorer2", "Keycloak", "ClientSecret")
    for orthanc in deployment.orthancs:
        if orthanc.settings.has(*path):
            yield Finding(
                RULE,
                "`OrthancExplorer2.Keycloak.ClientSecret` is not read, and browsers can see it",
                orthanc.settings.locate(path),
                "remove it; the client is a public one, with PKCE",
                is_sensitive=True,
            )
