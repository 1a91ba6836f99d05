"""Tokens that were seen and that the auth-service does not accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers, identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import (
    ObservedDeployment,
    ObservedToken,
)

NO_AUDIENCE = Rule(
    "token-without-audience",
    Severity.ERROR,
    summary="A token of Keycloak's was seen whose audience does not have `account`.",
    consequence="The auth-service takes the person for anonymous, and Orthanc answers 403.",
    remedy="Give the client an audience mapper for `account`, or keep the mapper `audience resolve` in the client scope `roles`.",
    file="token.txt",
    example="""
        {"iss": "https://sso.example.org/realms/orthanc", "typ": "Bearer", "azp": "orthanc", "preferred_username": "ada", "realm_access": {"roles": ["doctor"]}}
    """,
    counterexample="""
        {"iss": "https://sso.example.org/realms/orthanc", "typ": "Bearer", "azp": "orthanc", "aud": "account", "preferred_username": "ada", "realm_access": {"roles": ["doctor"]}}
    """,
)
NO_ROLES = Rule(
    "token-without-roles",
    Severity.ERROR,
    summary="A token of Keycloak's was seen without `realm_access.roles`.",
    consequence="The person has no role at the auth-service, and gets 403.",
    remedy="Keep the client scope `roles` and the full scope of the client, turn lightweight access tokens off, and give the person a "
    "realm role.",
    file="token.txt",
    example="""
        {"iss": "https://sso.example.org/realms/orthanc", "typ": "Bearer", "azp": "orthanc", "aud": "account", "preferred_username": "ada"}
    """,
    counterexample=NO_AUDIENCE.counterexample,
)
OTHER_ISSUER = Rule(
    "token-of-other-realm",
    Severity.ERROR,
    summary="A token was seen of another realm than the one that the auth-service asks.",
    consequence="The auth-service does not know the key that signed it, takes the person for anonymous, and Orthanc answers 403.",
    remedy="Write the same realm into `OrthancExplorer2.Keycloak` and `KEYCLOAK_URI`.",
    file="token.txt",
    example="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "hospital", "ClientId": "orthanc"}}
        }
        ==> token.txt <==
        {"iss": "https://sso.example.org/realms/orthanc", "typ": "Bearer", "azp": "orthanc", "aud": "account", "preferred_username": "ada", "realm_access": {"roles": ["doctor"]}}
    """,
    counterexample="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "hospital", "ClientId": "orthanc"}}
        }
        ==> token.txt <==
        {"iss": "https://sso.example.org/realms/hospital", "typ": "Bearer", "azp": "orthanc", "aud": "account", "preferred_username": "ada", "realm_access": {"roles": ["doctor"]}}
    """,
)
RULES = (NO_AUDIENCE, NO_ROLES, OTHER_ISSUER)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Tokens of Keycloak's carry what the auth-service reads."""
    seen = [*deployment.tokens, *(token for exchange in deployment.exchanges for token in exchange.tokens)]
    for token in {token.location: token for token in seen}.values():
        yield from _findings(deployment, token)


def _findings(deployment: ObservedDeployment, token: ObservedToken) -> Iterator[Finding]:
    claims = token.claims
    issuer = str(claims.get("iss", ""))
    if "/realms/" not in issuer or claims.get("typ", "Bearer") != "Bearer":
        return  # a token of a link, an identity token, or one of another provider
    if "account" not in containers.as_list(claims.get("aud")):
        yield Finding(
            NO_AUDIENCE,
            "the token's audience (`aud`) does not have `account`",
            token.location,
            "give the client an audience mapper for `account`",
        )
    access = claims.get("realm_access")
    if not (isinstance(access, Mapping) and access.get("roles")):
        yield Finding(
            NO_ROLES,
            "the token has no `realm_access.roles`",
            token.location,
            "keep the client scope `roles` and the full scope of the client",
        )
    realm = identity.realm_of(issuer)
    for used in identity.used_clients(deployment):
        if used.realm and realm != used.realm and "$" not in used.realm:
            yield Finding(
                OTHER_ISSUER,
                f"the token is of the realm `{realm}`, {used.user} means `{used.realm}`",
                token.location,
                "write one realm everywhere",
                related=((used.realm_location, used.user),),
            )
            return
