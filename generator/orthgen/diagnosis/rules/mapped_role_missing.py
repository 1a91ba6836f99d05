"""A mapper of an identity provider that gives a role which is not there."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import Vocabulary, did_you_mean

RULE = Rule(
    "mapped-role-missing",
    Severity.ERROR,
    summary="A mapper of an identity provider gives a role that the realm does not have, or a role of a client.",
    consequence="People sign in without rights and get 403: the auth-service reads realm roles only.",
    remedy="Write the name of a realm role.",
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
              "config": {"syncMode": "FORCE", "claims": "[{\\"key\\": \\"groups\\", \\"value\\": \\"8f1d1e0c-0f0a-4c0e-9d3f-0a1b2c3d4e5f\\"}]", "role": "orthanc.radiologist"}
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
    """Mappers give roles of the realm."""
    for realm in identity.realms(deployment):
        roles = Vocabulary(identity.realm_roles(realm))
        for mapper in identity.role_mappers(realm):
            role = mapper.config.get("role")
            if isinstance(role, str) and roles.words and role not in roles:
                yield Finding(
                    RULE,
                    f"mapper `{mapper.name}` gives `{role}`, which is not a realm role",
                    realm.locate((*mapper.path, "role")),
                    did_you_mean(role, roles),
                )
