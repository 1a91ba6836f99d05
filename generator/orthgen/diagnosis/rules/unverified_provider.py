"""An identity provider whose signatures Keycloak does not check."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "unverified-provider",
    Severity.WARNING,
    summary="Keycloak does not check the signatures of an identity provider's tokens (`validateSignature`).",
    consequence="A person who can answer in the provider's place signs in as anybody.",
    remedy='Write `"validateSignature": "true"`, `"useJwksUrl": "true"` and the address of the provider\'s keys in `jwksUrl`.',
    file="realm.json",
    example="""
        {
          "realm": "orthanc",
          "enabled": true,
          "identityProviders": [
            {"alias": "hospital", "providerId": "oidc", "config": {"syncMode": "FORCE", "validateSignature": "false", "useJwksUrl": "true", "jwksUrl": "https://login.example.org/keys"}}
          ]
        }
    """,
    counterexample="""
        {
          "realm": "orthanc",
          "enabled": true,
          "identityProviders": [
            {"alias": "hospital", "providerId": "oidc", "config": {"syncMode": "FORCE", "validateSignature": "true", "useJwksUrl": "true", "jwksUrl": "https://login.example.org/keys"}}
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak checks the signatures of identity providers."""
    for realm in identity.realms(deployment):
        for index, provider in identity.mappings_at(realm, "identityProviders"):
            if mapping(provider.get("config")).get("validateSignature") == "false":
                yield Finding(
                    RULE,
                    f"Keycloak does not check the signatures of `{provider.get('alias')}`",
                    realm.locate(("identityProviders", index, "config", "validateSignature")),
                    'write `"true"`, and the address of the keys',
                )
