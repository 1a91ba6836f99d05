"""A mapper that waits for the name of a group of Entra ID."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "entra-group-by-name",
    Severity.WARNING,
    summary="A mapper compares the claim `groups` of Entra ID with a name; Entra ID sends object ids.",
    consequence="Members of the group sign in without the role, and get 403.",
    remedy="Write the group's object id, or assign app roles in Entra ID and compare the claim `roles`, which has names.",
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
              "config": {"syncMode": "FORCE", "claims": "[{\\"key\\": \\"groups\\", \\"value\\": \\"Radiologists\\"}]", "role": "radiologist"}
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
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_CLAIM = re.compile(r'"key"\s*:\s*"(?P<key>[^"]*)"\s*,\s*"value"\s*:\s*"(?P<value>[^"]*)"')


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Mappers compare what Entra ID sends."""
    for realm in identity.realms(deployment):
        for mapper in identity.role_mappers(realm):
            is_entra = "microsoftonline.com" in str(mapper.provider) or mapper.provider_id == "microsoft"
            for key, value in _claims(mapper.config) if is_entra else ():
                if (
                    key == "groups"
                    and not re.fullmatch(_GUID, value)
                    and not any(sign in value for sign in "$^.*[")
                ):
                    yield Finding(
                        RULE,
                        f"Entra ID sends object ids in `groups`, and the mapper waits for `{value}`",
                        realm.locate(
                            (*mapper.path, "claims" if "claims" in mapper.config else "claim.value")
                        ),
                        "write the group's object id",
                    )


def _claims(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The claims that a mapper compares, each with its value."""
    if isinstance(config.get("claim"), str):
        yield config["claim"], str(config.get("claim.value"))
    for match in _CLAIM.finditer(str(config.get("claims") or "")):
        yield match["key"], match["value"]
