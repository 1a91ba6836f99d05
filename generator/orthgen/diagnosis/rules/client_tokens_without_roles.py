"""Tokens that do not carry what the auth-service reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers, identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "client-tokens-without-roles",
    Severity.ERROR,
    summary="Tokens of this client do not carry `realm_access.roles`.",
    consequence="Everybody who signed in has no role at the auth-service, and gets 403.",
    remedy='Write `"fullScopeAllowed": true` (or map the roles to the client\'s scope), keep the client scope `roles` among the '
    "default scopes, and turn lightweight access tokens off.",
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
              "fullScopeAllowed": false,
              "redirectUris": ["https://pacs.example.org/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"}
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
              "fullScopeAllowed": true,
              "redirectUris": ["https://pacs.example.org/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Tokens carry the realm roles of the person."""
    for used, client in identity.browser_clients(deployment):
        related = ((used.location, used.user),)
        if client.get("fullScopeAllowed", True) is False and not _maps_roles(client):
            yield Finding(
                RULE,
                f"tokens of client `{used.name}` carry no role: it has no full scope, and no role is mapped to it",
                client.place("fullScopeAllowed"),
                'write `"fullScopeAllowed": true`',
                related=related,
                replacement="true",
            )
        if containers.is_true(client.attribute("client.use.lightweight.access.token.enabled")):
            yield Finding(
                RULE,
                f"client `{used.name}` gives lightweight tokens, which carry no role",
                client.place("attributes", "client.use.lightweight.access.token.enabled"),
                'write `"false"`',
                related=related,
                replacement='"false"',
            )
        scopes = client.get("defaultClientScopes")
        if isinstance(scopes, list) and "roles" not in scopes and not _has_role_mapper(client):
            yield Finding(
                RULE,
                f"client `{used.name}` has no default scope `roles`, which puts the roles into tokens",
                client.place("defaultClientScopes"),
                'add `"roles"`',
                related=related,
            )
        for index, mapper in enumerate(client.listed("protocolMappers")):
            config = mapping(mapping(mapper).get("config"))
            is_role_mapper = (
                isinstance(mapper, Mapping)
                and mapper.get("protocolMapper") == "oidc-usermodel-realm-role-mapper"
            )
            if (
                is_role_mapper
                and config.get("claim.name") == "realm_access.roles"
                and not containers.is_true(config.get("multivalued"))
            ):
                yield Finding(
                    RULE,
                    "the mapper writes one role only into `realm_access.roles`",
                    client.place("protocolMappers", index, "config"),
                    'write `"multivalued": "true"`',
                    related=related,
                )


def _maps_roles(client: identity.Client) -> bool:
    """Whether roles are mapped to the scope of a client, or to one of its client scopes."""
    names = {str(client.get("clientId")), *map(str, client.listed("defaultClientScopes"))}
    mappings = identity.mappings_at(client.realm, "scopeMappings")
    return any(
        {str(mapping.get("client")), str(mapping.get("clientScope"))} & names and mapping.get("roles")
        for _, mapping in mappings
    )


def _has_role_mapper(client: identity.Client) -> bool:
    mappers = client.listed("protocolMappers")
    return any(
        isinstance(mapper, Mapping) and mapper.get("protocolMapper") == "oidc-usermodel-realm-role-mapper"
        for mapper in mappers
    )
