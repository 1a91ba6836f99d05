"""A client that the realm does not have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import did_you_mean

RULE = Rule(
    "unknown-client",
    Severity.ERROR,
    summary="Orthanc Explorer 2 or OHIF signs people in by a client that the realm does not have.",
    consequence="Keycloak answers `Client not found`: nobody can sign in.",
    remedy="Create the client in the realm, or correct its name.",
    file="realm.json",
    example="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "explorer"}}
        }
        ==> realm.json <==
        {"realm": "orthanc", "enabled": true, "clients": [{"clientId": "admin-cli", "publicClient": true}]}
    """,
    counterexample="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "explorer"}}
        }
        ==> realm.json <==
        {
          "realm": "orthanc",
          "enabled": true,
          "clients": [
            {
              "clientId": "explorer",
              "publicClient": true,
              "standardFlowEnabled": true,
              "directAccessGrantsEnabled": false,
              "redirectUris": ["https://pacs.example.org/ui/app/*"],
              "webOrigins": ["https://pacs.example.org"],
              "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The realm has the clients that others use."""
    for used in identity.used_clients(deployment):
        realm = identity.realm_named(deployment, used.realm)
        if realm is None or not isinstance(realm.value.get("clients"), list) or "$" in used.name:
            continue
        if identity.client(realm, used.name) is None:
            names = [str(item.get("clientId")) for _, item in identity.mappings_at(realm, "clients")]
            yield Finding(
                RULE,
                f"{used.user} signs people in by the client `{used.name}`, which the realm `{used.realm}` does not have",
                used.location,
                did_you_mean(used.name, names),
                related=((realm.locate(("clients",)), "the clients of the realm"),),
            )
