"""A token that was seen, of another realm."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
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
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "hospital", "ClientId": "orthanc"}}
        }
        ==> token.txt <==
        {"iss": "https://sso.example.org/realms/orthanc", "typ": "Bearer", "azp": "orthanc", "aud": "account", "preferred_username": "ada", "realm_access": {"roles": ["doctor"]}}
    """,
    counterexample="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "hospital", "ClientId": "orthanc"}}
        }
        ==> token.txt <==
        {"iss": "https://sso.example.org/realms/hospital", "typ": "Bearer", "azp": "orthanc", "aud": "account", "preferred_username": "ada", "realm_access": {"roles": ["doctor"]}}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Tokens are of the realm that the auth-service asks."""
    for token in identity.seen_tokens(deployment):
        realm = identity.realm_of(str(token.claims.get("iss")))
        others = (
            used
            for used in identity.used_clients(deployment)
            if used.realm and realm != used.realm and "$" not in used.realm
        )
        used = next(others, None)
        if used is not None:
            yield Finding(
                RULE,
                f"the token is of the realm `{realm}`, {used.user} means `{used.realm}`",
                token.location,
                "write one realm everywhere",
                related=((used.realm_location, used.user),),
            )
