"""Roles that Keycloak reads from the directory late."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "ldap-roles-late",
    Severity.NOTE,
    summary="Roles are read from LDAP by member attribute, without importing users.",
    consequence="A role that is new in the directory appears late, when Keycloak's cache ends.",
    remedy="Load roles by `memberOf` (`LOAD_ROLES_FROM_USER_MEMBEROF_ATTRIBUTE`), and set a cache policy.",
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
                "config": {"vendor": ["ad"], "importEnabled": ["false"]},
                "subComponents": {
                  "org.keycloak.storage.ldap.mappers.LDAPStorageMapper": [
                    {"name": "groups", "providerId": "group-ldap-mapper", "config": {"preserve.group.inheritance": ["false"], "user.roles.retrieve.strategy": ["LOAD_ROLES_BY_MEMBER_ATTRIBUTE"]}}
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
_BY_MEMBER = ["LOAD_ROLES_BY_MEMBER_ATTRIBUTE"]


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """New roles of the directory are there at the next sign-in."""
    for realm in identity.realms(deployment):
        for mapper in identity.ldap_mappers(realm):
            strategy = mapper.config.get("user.roles.retrieve.strategy")
            if mapper.provider.get("importEnabled") == ["false"] and strategy == _BY_MEMBER:
                yield Finding(
                    RULE,
                    f"mapper `{mapper.name}` looks for roles by their members, and users are not imported",
                    realm.locate((*mapper.path, "user.roles.retrieve.strategy")),
                    "load them by `memberOf`",
                )
