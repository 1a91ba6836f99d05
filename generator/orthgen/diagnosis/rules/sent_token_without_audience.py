"""A token that was seen, without the audience of the auth-service."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "sent-token-without-audience",
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


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Tokens of Keycloak's have the audience `account`."""
    for token in identity.seen_tokens(deployment):
        if "account" not in as_list(token.claims.get("aud")):
            yield Finding(
                RULE,
                "the token's audience (`aud`) does not have `account`",
                token.location,
                "give the client an audience mapper for `account`",
            )
