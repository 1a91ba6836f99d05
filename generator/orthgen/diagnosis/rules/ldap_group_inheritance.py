"""Groups of Active Directory with their inheritance."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "ldap-group-inheritance",
    Severity.WARNING,
    summary="A mapper of Active Directory's groups keeps their inheritance.",
    consequence="The synchronisation stops at the first group whose parent is outside the base DN: `Couldn't resolve groups from LDAP`; "
    "roles are missing.",
    remedy='Write `"preserve.group.inheritance": ["false"]`.',
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
                "config": {"vendor": ["ad"]},
                "subComponents": {
                  "org.keycloak.storage.ldap.mappers.LDAPStorageMapper": [
                    {"name": "groups", "providerId": "group-ldap-mapper", "config": {"preserve.group.inheritance": ["true"]}}
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


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Groups are read without their inheritance."""
    for realm in identity.realms(deployment):
        for mapper in identity.ldap_mappers(realm):
            if mapper.provider.get("vendor") == ["ad"] and mapper.config.get(
                "preserve.group.inheritance"
            ) == ["true"]:
                yield Finding(
                    RULE,
                    f"mapper `{mapper.name}` keeps the inheritance of Active Directory's groups",
                    realm.locate((*mapper.path, "preserve.group.inheritance", 0)),
                    'write `"false"`',
                    replacement='"false"',
                )
