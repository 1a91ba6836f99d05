"""Mappers that write roles where the auth-service does not look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "roles-in-other-claim",
    Severity.WARNING,
    summary="A mapper of the client writes the roles into another claim than `realm_access.roles`, or one role only.",
    consequence="The auth-service reads `realm_access.roles` only: what this mapper writes has no effect, and people get 403 where it "
    "is the only one.",
    remedy='Remove the mapper and keep the client scope `roles`, or write `"claim.name": "realm_access.roles"` and '
    '`"multivalued": "true"`.',
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
              "publicClient": true,
              "directAccessGrantsEnabled": false,
              "redirectUris": ["https://pacs.example.org/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"},
              "protocolMappers": [
                {
                  "name": "roles",
                  "protocolMapper": "oidc-usermodel-realm-role-mapper",
                  "config": {"claim.name": "role", "access.token.claim": "true"}
                }
              ]
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
              "publicClient": true,
              "directAccessGrantsEnabled": false,
              "redirectUris": ["https://pacs.example.org/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"},
              "protocolMappers": [
                {
                  "name": "roles",
                  "protocolMapper": "oidc-usermodel-realm-role-mapper",
                  "config": {"claim.name": "realm_access.roles", "multivalued": "true", "access.token.claim": "true"}
                }
              ]
            }
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Mappers of roles write where the auth-service reads."""
    for used, client in identity.browser_clients(deployment):
        for index, mapper in enumerate(client.listed("protocolMappers")):
            if (
                not isinstance(mapper, Mapping)
                or mapper.get("protocolMapper") != "oidc-usermodel-realm-role-mapper"
            ):
                continue
            claim = str(mapping(mapper.get("config")).get("claim.name"))
            if claim != "realm_access.roles":
                yield Finding(
                    RULE,
                    f"a mapper of client `{used.name}` writes the roles into `{claim}`, which the auth-service does not read",
                    client.place("protocolMappers", index, "config", "claim.name"),
                    'write `realm_access.roles`, with `"multivalued": "true"`',
                    related=((used.location, used.user),),
                )
