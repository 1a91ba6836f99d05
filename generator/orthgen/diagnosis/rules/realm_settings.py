"""Settings of a realm that break or endanger the sign-in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import addresses, containers, identity, secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.yaml_io import Document, Path
from orthgen.observed.model import ObservedDeployment

LOOP = Rule(
    "provider-in-first-login",
    Severity.ERROR,
    summary="The flow of the first sign-in by an identity provider sends people to the identity provider again.",
    consequence="The first sign-in never ends: the browser is sent between Keycloak and the provider.",
    remedy="Remove `identity-provider-redirector` from that flow; it belongs into the flow `browser`.",
    file="realm.json",
    example="""
        {
          "realm": "orthanc",
          "enabled": true,
          "identityProviders": [{"alias": "adfs", "providerId": "saml", "firstBrokerLoginFlowAlias": "first login"}],
          "authenticationFlows": [
            {"alias": "first login", "authenticationExecutions": [{"authenticator": "identity-provider-redirector", "requirement": "REQUIRED"}]}
          ]
        }
    """,
    counterexample="""
        {
          "realm": "orthanc",
          "enabled": true,
          "identityProviders": [{"alias": "adfs", "providerId": "saml", "firstBrokerLoginFlowAlias": "first login"}],
          "authenticationFlows": [
            {"alias": "first login", "authenticationExecutions": [{"authenticator": "idp-create-user-if-unique", "requirement": "REQUIRED"}]}
          ]
        }
    """,
)
FRAME_ANCESTORS = Rule(
    "frame-refused",
    Severity.WARNING,
    summary="The realm's Content-Security-Policy does not let the pages of Orthanc Explorer 2 show Keycloak in a frame.",
    consequence="The silent sign-in and the check of the session fail: people have to sign in again and again.",
    remedy="Keep Keycloak's default policy, or add the public origin of Orthanc Explorer 2 to `frame-ancestors`.",
    file="realm.json",
    example="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
        ==> realm.json <==
        {
          "realm": "orthanc",
          "enabled": true,
          "browserSecurityHeaders": {"contentSecurityPolicy": "frame-src 'self'; frame-ancestors 'self' https://other.example.org; object-src 'none';"},
          "clients": [
            {
              "clientId": "orthanc",
              "publicClient": true,
              "directAccessGrantsEnabled": false,
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
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
        ==> realm.json <==
        {
          "realm": "orthanc",
          "enabled": true,
          "browserSecurityHeaders": {"contentSecurityPolicy": "frame-src 'self'; frame-ancestors 'self' https://pacs.example.org; object-src 'none';"},
          "clients": [
            {
              "clientId": "orthanc",
              "publicClient": true,
              "directAccessGrantsEnabled": false,
              "redirectUris": ["https://pacs.example.org/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
)
LDAP_INHERITANCE = Rule(
    "ldap-group-inheritance",
    Severity.WARNING,
    summary="A mapper of Active Directory's groups keeps their inheritance.",
    consequence="The synchronisation stops at the first group whose parent is outside the base DN: `Couldn't resolve groups from LDAP`; "
    "roles are missing.",
    remedy='Write `"preserve.group.inheritance": ["false"]`.',
    file="realm.json",
    example="""
        {
          "realm": "orthanc",
          "enabled": true,
          "components": {
            "org.keycloak.storage.UserStorageProvider": [
              {
                "name": "ldap",
                "providerId": "ldap",
                "config": {"vendor": ["ad"]},
                "subComponents": {
                  "org.keycloak.storage.ldap.mappers.LDAPStorageMapper": [
                    {"name": "groups", "providerId": "group-ldap-mapper", "config": {"preserve.group.inheritance": ["true"]}}
                  ]
                }
              }
            ]
          }
        }
    """,
    counterexample="""
        {
          "realm": "orthanc",
          "enabled": true,
          "components": {
            "org.keycloak.storage.UserStorageProvider": [
              {
                "name": "ldap",
                "providerId": "ldap",
                "config": {"vendor": ["ad"]},
                "subComponents": {
                  "org.keycloak.storage.ldap.mappers.LDAPStorageMapper": [
                    {"name": "groups", "providerId": "group-ldap-mapper", "config": {"preserve.group.inheritance": ["false"]}}
                  ]
                }
              }
            ]
          }
        }
    """,
)
LDAP_STRATEGY = Rule(
    "ldap-roles-late",
    Severity.NOTE,
    summary="Roles are read from LDAP by member attribute, without importing users.",
    consequence="A role that is new in the directory appears late, when Keycloak's cache ends.",
    remedy="Load roles by `memberOf` (`LOAD_ROLES_FROM_USER_MEMBEROF_ATTRIBUTE`), and set a cache policy.",
    file="realm.json",
    example=LDAP_INHERITANCE.counterexample.replace(
        '"vendor": ["ad"]', '"vendor": ["ad"], "importEnabled": ["false"]'
    ).replace(
        '"preserve.group.inheritance": ["false"]',
        '"preserve.group.inheritance": ["false"], "user.roles.retrieve.strategy": ["LOAD_ROLES_BY_MEMBER_ATTRIBUTE"]',
    ),
    counterexample=LDAP_INHERITANCE.counterexample,
)
NO_TLS_REQUIRED = Rule(
    "realm-without-ssl",
    Severity.WARNING,
    summary='The realm accepts sign-ins without https (`"sslRequired": "none"`).',
    consequence="Passwords and tokens cross the network readably wherever somebody uses an `http://` address.",
    remedy='Write `"sslRequired": "external"`, and serve Keycloak by https.',
    file="realm.json",
    example='{"realm": "orthanc", "enabled": true, "sslRequired": "none"}',
    counterexample='{"realm": "orthanc", "enabled": true, "sslRequired": "external"}',
)
NO_LOCK_OUT = Rule(
    "realm-without-lock-out",
    Severity.WARNING,
    summary="The realm does not slow down people who guess passwords.",
    consequence="A program tries passwords of an account as fast as Keycloak answers.",
    remedy='Write `"bruteForceProtected": true`.',
    file="realm.json",
    example='{"realm": "orthanc", "enabled": true, "bruteForceProtected": false}',
    counterexample='{"realm": "orthanc", "enabled": true, "bruteForceProtected": true}',
)
WEAK_USER = Rule(
    "known-realm-password",
    Severity.ERROR,
    summary="The realm's file creates a user whose password everybody knows.",
    consequence="Everybody signs in with it, with the roles of that user.",
    remedy="Remove the user from the file, or set a temporary password at the first start by the administration console.",
    file="realm.json",
    example='{"realm": "orthanc", "enabled": true, "users": [{"username": "doctor", "enabled": true, "credentials": [{"type": "password", "value": "change-me"}]}]}',
    counterexample='{"realm": "orthanc", "enabled": true, "users": [{"username": "doctor", "enabled": true}]}',
    is_advice=True,
)
RULES = (LOOP, FRAME_ANCESTORS, LDAP_INHERITANCE, LDAP_STRATEGY, NO_TLS_REQUIRED, NO_LOCK_OUT, WEAK_USER)
_LDAP = "org.keycloak.storage.UserStorageProvider"
_LDAP_MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The realm's settings let people sign in, and nobody else."""
    for realm in identity.realms(deployment):
        yield from _flows(realm)
        yield from _ldap(realm)
        yield from _security(realm)
    yield from _frames(deployment)


def _flows(realm: Document) -> Iterator[Finding]:
    flows = {
        str(flow.get("alias")): (index, flow) for index, flow in identity.items(realm, "authenticationFlows")
    }
    for index, provider in identity.items(realm, "identityProviders"):
        used = flows.get(str(provider.get("firstBrokerLoginFlowAlias")))
        if used is None:
            continue
        executions = containers.as_list(used[1].get("authenticationExecutions"))
        for position, execution in enumerate(map(containers.as_mapping, executions)):
            if (
                execution.get("authenticator") == "identity-provider-redirector"
                and execution.get("requirement") != "DISABLED"
            ):
                yield Finding(
                    LOOP,
                    f"the flow `{used[1].get('alias')}` sends people to the identity provider again",
                    realm.locate(("authenticationFlows", used[0], "authenticationExecutions", position)),
                    "remove it from this flow",
                    related=(
                        (
                            realm.locate(("identityProviders", index)),
                            f"identity provider {provider.get('alias')}",
                        ),
                    ),
                )


def _ldap(realm: Document) -> Iterator[Finding]:
    for index, provider in identity.items(realm, "components", _LDAP):
        config = containers.as_mapping(provider.get("config"))
        mappers = containers.as_list(containers.as_mapping(provider.get("subComponents")).get(_LDAP_MAPPER))
        for position, mapper in enumerate(map(containers.as_mapping, mappers)):
            path: Path = ("components", _LDAP, index, "subComponents", _LDAP_MAPPER, position, "config")
            values = containers.as_mapping(mapper.get("config"))
            if config.get("vendor") == ["ad"] and values.get("preserve.group.inheritance") == ["true"]:
                yield Finding(
                    LDAP_INHERITANCE,
                    f"mapper `{mapper.get('name')}` keeps the inheritance of Active Directory's groups",
                    realm.locate((*path, "preserve.group.inheritance", 0)),
                    'write `"false"`',
                    replacement='"false"',
                )
            if config.get("importEnabled") == ["false"] and values.get("user.roles.retrieve.strategy") == [
                "LOAD_ROLES_BY_MEMBER_ATTRIBUTE"
            ]:
                yield Finding(
                    LDAP_STRATEGY,
                    f"mapper `{mapper.get('name')}` looks for roles by their members, and users are not imported",
                    realm.locate((*path, "user.roles.retrieve.strategy")),
                    "load them by `memberOf`",
                )


def _security(realm: Document) -> Iterator[Finding]:
    if realm.value.get("sslRequired") == "none":
        yield Finding(
            NO_TLS_REQUIRED,
            "the realm accepts sign-ins without https",
            realm.locate(("sslRequired",)),
            'write `"external"`',
            replacement='"external"',
        )
    if realm.value.get("bruteForceProtected") is False:
        yield Finding(
            NO_LOCK_OUT,
            "the realm does not limit the number of guesses",
            realm.locate(("bruteForceProtected",)),
            "write `true`",
            replacement="true",
        )
    for index, user in identity.items(realm, "users"):
        for position, credential in enumerate(containers.as_list(user.get("credentials"))):
            value = credential.get("value") if isinstance(credential, Mapping) else None
            if (
                isinstance(value, str)
                and not credential.get("temporary")
                and (secrets.is_sample(value) or value == user.get("username"))
            ):
                yield Finding(
                    WEAK_USER,
                    f"everybody knows the password of `{user.get('username')}`",
                    realm.locate(("users", index, "credentials", position)),
                    "remove the user from the file",
                    is_sensitive=True,
                )


def _frames(deployment: ObservedDeployment) -> Iterator[Finding]:
    for used, client in identity.browser_clients(deployment):
        policy = str(
            containers.as_mapping(client.realm.value.get("browserSecurityHeaders")).get(
                "contentSecurityPolicy"
            )
            or ""
        )
        allowed = re.search(r"frame-ancestors\s+([^;]*)", policy)
        pages = [str(uri) for uri in client.listed("redirectUris") if addresses.is_absolute(uri)]
        if allowed is None or not pages or used.user != "Orthanc Explorer 2":
            continue
        origins = {addresses.origin(page.rstrip("*")) for page in pages}
        own = {addresses.origin(address.url) for address in addresses.keycloak_addresses(deployment)}
        sources = {source.rstrip("/") for source in allowed[1].split()}
        missing = sorted(
            origin
            for origin in origins
            if origin not in sources and not ("'self'" in sources and origin in own) and "*" not in sources
        )
        if missing:
            yield Finding(
                FRAME_ANCESTORS,
                f"the realm's policy lets `{missing[0]}` show no page of Keycloak's in a frame",
                client.realm.locate(("browserSecurityHeaders", "contentSecurityPolicy")),
                f"add `{missing[0]}` to `frame-ancestors`",
                related=((used.location, used.user),),
            )
