"""A mapper of an identity provider that gives a role once."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "role-mapped-once",
    Severity.WARNING,
    summary="A mapper gives roles at the first sign-in only.",
    consequence="A person who joins a group later gets no role; a person who leaves it keeps the role.",
    remedy='Write `"syncMode": "FORCE"` for the mapper, or for the identity provider with `INHERIT` in the mapper.',
    file="realm.json",
    example="""
        {
          "realm": "orthanc",
          "enabled": true,
          "identityProviders": [{"alias": "entra", "providerId": "oidc", "config": {"issuer": "https://login.microsoftonline.com/common/v2.0"}}],
          "identityProviderMappers": [
            {
              "name": "radiologists",
              "identityProviderAlias": "entra",
              "identityProviderMapper": "oidc-advanced-role-idp-mapper",
              "config": {"syncMode": "IMPORT", "claims": "[{\\"key\\": \\"groups\\", \\"value\\": \\"8f1d1e0c-0f0a-4c0e-9d3f-0a1b2c3d4e5f\\"}]", "role": "radiologist"}
            }
          ],
          "roles": {"realm": [{"name": "radiologist"}]}
        }
    """,
    counterexample="""
        {
          "realm": "orthanc",
          "enabled": true,
          "identityProviders": [{"alias": "entra", "providerId": "oidc", "config": {"issuer": "https://login.microsoftonline.com/common/v2.0"}}],
          "identityProviderMappers": [
            {
              "name": "radiologists",
              "identityProviderAlias": "entra",
              "identityProviderMapper": "oidc-advanced-role-idp-mapper",
              "config": {"syncMode": "FORCE", "claims": "[{\\"key\\": \\"groups\\", \\"value\\": \\"8f1d1e0c-0f0a-4c0e-9d3f-0a1b2c3d4e5f\\"}]", "role": "radiologist"}
            }
          ],
          "roles": {"realm": [{"name": "radiologist"}]}
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Mappers give and take roles at each sign-in."""
    for realm in identity.realms(deployment):
        for mapper in identity.role_mappers(realm):
            mode = mapper.config.get("syncMode") or "INHERIT"
            inherited = mapper.provider.get("syncMode") or "LEGACY"
            if "hardcoded" not in mapper.kind and (mode if mode != "INHERIT" else inherited) != "FORCE":
                yield Finding(
                    RULE,
                    f"mapper `{mapper.name}` gives the role at the first sign-in only",
                    realm.locate((*mapper.path, "syncMode")),
                    'write `"syncMode": "FORCE"`',
                    replacement='"FORCE"' if "syncMode" in mapper.config else "",
                )
