"""Groups that give nobody a role."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "group-without-role",
    Severity.WARNING,
    summary="A group has the name of a role of permissions.json, and the role is not mapped to it.",
    consequence="Members of the group get 403: the auth-service reads roles, and no groups.",
    remedy="Map the role to the group (`realmRoles`).",
    file="realm.json",
    example="""
        ==> permissions.json <==
        {"roles": {"radiologist": {"authorized-labels": ["*"], "permissions": ["view", "admin-permissions"]}}, "available-labels": []}
        ==> realm.json <==
        {"realm": "orthanc", "enabled": true, "roles": {"realm": [{"name": "radiologist"}]}, "groups": [{"name": "radiologist", "path": "/radiologist"}]}
    """,
    counterexample="""
        ==> permissions.json <==
        {"roles": {"radiologist": {"authorized-labels": ["*"], "permissions": ["view", "admin-permissions"]}}, "available-labels": []}
        ==> realm.json <==
        {"realm": "orthanc", "enabled": true, "roles": {"realm": [{"name": "radiologist"}]}, "groups": [{"name": "radiologist", "path": "/radiologist", "realmRoles": ["radiologist"]}]}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A group of a role's name has the role."""
    roles = {
        role for auth_service in deployment.auth_services for role in identity.permission_roles(auth_service)
    }
    for realm in identity.realms(deployment):
        names = roles & identity.realm_roles(realm).keys()
        for path, group in identity.groups(realm):
            name = str(group.get("name"))
            if name in names and name not in as_list(group.get("realmRoles")):
                yield Finding(
                    RULE,
                    f"members of the group `{name}` do not have the role `{name}`",
                    realm.locate(path),
                    f'write `"realmRoles": ["{name}"]`',
                )
