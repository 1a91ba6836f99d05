"""Tokens without the audience that the auth-service asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import identity
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "client-tokens-without-audience",
    Severity.ERROR,
    summary="Nothing puts `account` into the audience of the tokens, without which the auth-service takes people for anonymous.",
    consequence="Everybody who signed in gets 403, and the auth-service logs `Invalid audience`.",
    remedy="Keep the mapper `audience resolve` in the client scope `roles` and the account roles in `default-roles-REALM`, or give the "
    "client an audience mapper for `account`.",
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
              "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ],
          "clientScopes": [
            {
              "name": "roles",
              "protocol": "openid-connect",
              "protocolMappers": [
                {"name": "realm roles", "protocolMapper": "oidc-usermodel-realm-role-mapper", "config": {"claim.name": "realm_access.roles", "multivalued": "true"}}
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
                {"name": "account", "protocolMapper": "oidc-audience-mapper", "config": {"included.client.audience": "account", "access.token.claim": "true"}}
              ]
            }
          ],
          "clientScopes": [
            {
              "name": "roles",
              "protocol": "openid-connect",
              "protocolMappers": [
                {"name": "realm roles", "protocolMapper": "oidc-usermodel-realm-role-mapper", "config": {"claim.name": "realm_access.roles", "multivalued": "true"}}
              ]
            }
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Tokens name `account` as an audience."""
    for used, client in identity.browser_clients(deployment):
        realm = client.realm
        scopes = identity.mappings_at(realm, "clientScopes")
        if not scopes or _has_audience(client.get("protocolMappers")):
            continue
        default = client.get("defaultClientScopes")
        fitting = [
            scope for _, scope in scopes if not isinstance(default, list) or scope.get("name") in default
        ]
        if any(_has_audience(scope.get("protocolMappers")) for scope in fitting):
            continue
        resolves = any(
            mapping(mapper).get("protocolMapper") == "oidc-audience-resolve-mapper"
            for scope in fitting
            for mapper in as_list(scope.get("protocolMappers"))
        )
        if not resolves:
            yield Finding(
                RULE,
                f"nothing puts `account` into the audience of tokens of client `{used.name}`",
                client.place(),
                "give the client an audience mapper for `account`",
                related=((used.location, used.user),),
            )
            continue
        composite = identity.realm_roles(realm).get(f"default-roles-{realm.value.get('realm')}")
        composites = mapping(composite[1].get("composites")) if composite is not None else {}
        if composite is not None and not mapping(composites.get("client")).get("account"):
            location = realm.locate(("roles", "realm", composite[0]))
            yield Finding(
                RULE,
                "people get no role of the client `account`, so that `audience resolve` adds no audience",
                location,
                "give the client an audience mapper for `account`",
                related=((client.place(), f"client {used.name}"),),
                confidence=Confidence.LIKELY,
            )


def _has_audience(mappers: object) -> bool:
    return any(
        isinstance(mapper, Mapping)
        and mapper.get("protocolMapper") == "oidc-audience-mapper"
        and "account"
        in {
            mapping(mapper.get("config")).get("included.client.audience"),
            mapping(mapper.get("config")).get("included.custom.audience"),
        }
        for mapper in as_list(mappers)
    )
