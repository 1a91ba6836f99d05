"""A token that was seen, without roles."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "sent-token-without-roles",
    Severity.ERROR,
    summary="A token of Keycloak's was seen without `realm_access.roles`.",
    consequence="The person has no role at the auth-service, and gets 403.",
    remedy="Keep the client scope `roles` and the full scope of the client, turn lightweight access tokens off, and give the "
    "person a realm role.",
    file="token.txt",
    example="""
        {"iss": "https://sso.example.org/realms/orthanc", "typ": "Bearer", "azp": "orthanc", "aud": "account", "preferred_username": "ada"}
    """,
    counterexample="""
        {"iss": "https://sso.example.org/realms/orthanc", "typ": "Bearer", "azp": "orthanc", "aud": "account", "preferred_username": "ada", "realm_access": {"roles": ["doctor"]}}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Tokens of Keycloak's have the person's roles."""
    for token in identity.seen_tokens(deployment):
        if not mapping(token.claims.get("realm_access")).get("roles"):
            has_client_roles = any(
                mapping(each).get("roles") for each in mapping(token.claims.get("resource_access")).values()
            )
            yield Finding(
                RULE,
                "the token has no `realm_access.roles`"
                + (
                    ", and the auth-service does not read those in `resource_access`"
                    if has_client_roles
                    else ""
                ),
                token.location,
                "give the user realm roles of the same names"
                if has_client_roles
                else "keep the client scope `roles` and the full scope of the client",
            )
