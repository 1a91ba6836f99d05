"""Mappers of an identity provider that never give a role, or give it once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orthgen.diagnosis.facts import containers, identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.yaml_io import Document, Path
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import did_you_mean

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PROVIDER = """
    {
      "realm": "orthanc",
      "enabled": true,
      "identityProviders": [
        {"alias": "hospital", "providerId": "oidc", "config": {"syncMode": "FORCE", "validateSignature": "VALIDATES", "useJwksUrl": "true", "jwksUrl": "https://login.example.org/keys"}}
      ]
    }
"""
NOT_A_GROUP_ID = Rule(
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
NOT_FORCED = Rule(
    "role-mapped-once",
    Severity.WARNING,
    summary="A mapper gives roles at the first sign-in only.",
    consequence="Who joins a group later gets no role; who leaves it keeps the role.",
    remedy='Write `"syncMode": "FORCE"` for the mapper, or for the identity provider with `INHERIT` in the mapper.',
    file="realm.json",
    example=NOT_A_GROUP_ID.counterexample.replace("FORCE", "IMPORT"),
    counterexample=NOT_A_GROUP_ID.counterexample,
)
UNKNOWN_ROLE = Rule(
    "mapped-role-missing",
    Severity.ERROR,
    summary="A mapper of an identity provider gives a role that the realm does not have, or a role of a client.",
    consequence="People sign in without rights and get 403: the auth-service reads realm roles only.",
    remedy="Write the name of a realm role.",
    file="realm.json",
    example=NOT_A_GROUP_ID.counterexample.replace('"role": "radiologist"', '"role": "orthanc.radiologist"'),
    counterexample=NOT_A_GROUP_ID.counterexample,
)
UNVERIFIED = Rule(
    "unverified-provider",
    Severity.WARNING,
    summary="Keycloak does not check the signatures of an identity provider's tokens (`validateSignature`).",
    consequence="Who can answer in the provider's place signs in as anybody.",
    remedy='Write `"validateSignature": "true"`, `"useJwksUrl": "true"` and the address of the provider\'s keys in `jwksUrl`.',
    file="realm.json",
    example=_PROVIDER.replace("VALIDATES", "false"),
    counterexample=_PROVIDER.replace("VALIDATES", "true"),
)
RULES = (NOT_A_GROUP_ID, NOT_FORCED, UNKNOWN_ROLE, UNVERIFIED)
_OF_ROLES = re.compile(
    r"role-idp-mapper|saml-role-idp-mapper|saml-advanced-role-idp-mapper|hardcoded-ldap-role"
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Mappers give roles that exist, at each sign-in, for claims that the provider sends."""
    for realm in identity.realms(deployment):
        yield from _unverified(realm)
        providers = {str(item.get("alias")): item for _, item in identity.items(realm, "identityProviders")}
        for index, mapper in identity.items(realm, "identityProviderMappers"):
            if not _OF_ROLES.search(str(mapper.get("identityProviderMapper"))):
                continue
            config = containers.as_mapping(mapper.get("config"))
            path: Path = ("identityProviderMappers", index, "config")
            provider = providers.get(str(mapper.get("identityProviderAlias")), {})
            yield from _group_names(realm, path, config, provider)
            mode = config.get("syncMode") or "INHERIT"
            inherited = containers.as_mapping(provider.get("config")).get("syncMode") or "LEGACY"
            if (
                "hardcoded" not in str(mapper.get("identityProviderMapper"))
                and (mode if mode != "INHERIT" else inherited) != "FORCE"
            ):
                yield Finding(
                    NOT_FORCED,
                    f"mapper `{mapper.get('name')}` gives the role at the first sign-in only",
                    realm.locate((*path, "syncMode")),
                    'write `"syncMode": "FORCE"`',
                    replacement='"FORCE"' if "syncMode" in config else "",
                )
            role = config.get("role")
            if (
                isinstance(role, str)
                and identity.realm_roles(realm)
                and role not in identity.realm_roles(realm)
            ):
                yield Finding(
                    UNKNOWN_ROLE,
                    f"mapper `{mapper.get('name')}` gives `{role}`, which is not a realm role",
                    realm.locate((*path, "role")),
                    did_you_mean(role, identity.realm_roles(realm)),
                )


def _unverified(realm: Document) -> Iterator[Finding]:
    for index, provider in identity.items(realm, "identityProviders"):
        if containers.as_mapping(provider.get("config")).get("validateSignature") == "false":
            yield Finding(
                UNVERIFIED,
                f"Keycloak does not check the signatures of `{provider.get('alias')}`",
                realm.locate(("identityProviders", index, "config", "validateSignature")),
                'write `"true"`, and the address of the keys',
            )


def _group_names(
    realm: Document, path: Path, config: Mapping[str, Any], provider: Mapping[str, Any]
) -> Iterator[Finding]:
    if "microsoftonline.com" not in str(provider.get("config")) and provider.get("providerId") != "microsoft":
        return
    for key, value in _claims(config):
        if key == "groups" and not _GUID.fullmatch(value) and not any(sign in value for sign in "$^.*["):
            yield Finding(
                NOT_A_GROUP_ID,
                f"Entra ID sends object ids in `groups`, and the mapper waits for `{value}`",
                realm.locate((*path, "claims" if "claims" in config else "claim.value")),
                "write the group's object id",
            )


def _claims(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The claims that a mapper compares, each with its value."""
    if isinstance(config.get("claim"), str):
        yield config["claim"], str(config.get("claim.value"))
    for match in re.finditer(
        r'"key"\s*:\s*"(?P<key>[^"]*)"\s*,\s*"value"\s*:\s*"(?P<value>[^"]*)"',
        str(config.get("claims") or ""),
    ):
        yield match["key"], match["value"]
