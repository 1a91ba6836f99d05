"""Roles of permissions.json that the realm does not have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import Vocabulary, did_you_mean

RULE = Rule(
    "role-not-in-realm",
    Severity.ERROR,
    summary="A role of permissions.json is not a realm role, or is a composite one.",
    consequence="Nobody can have the role: people get 403. The permission editor deletes it from permissions.json.",
    remedy="Create the realm role. Where a group of that name exists, map the role to the group: groups alone give no rights.",
    file="permissions.json",
    example="""
        ==> permissions.json <==
        {"roles": {"radiologist": {"authorized-labels": ["*"], "permissions": ["view", "admin-permissions"]}}, "available-labels": []}
        ==> realm.json <==
        {"realm": "orthanc", "enabled": true, "roles": {"realm": [{"name": "radiologists"}]}, "groups": []}
    """,
    counterexample="""
        ==> permissions.json <==
        {"roles": {"radiologist": {"authorized-labels": ["*"], "permissions": ["view", "admin-permissions"]}}, "available-labels": []}
        ==> realm.json <==
        {"realm": "orthanc", "enabled": true, "roles": {"realm": [{"name": "radiologist"}]}, "groups": []}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Every role of permissions.json is a realm role."""
    realms = list(identity.realms(deployment))
    if len(realms) != 1 or not isinstance(mapping(realms[0].value.get("roles")).get("realm"), list):
        return
    realm = realms[0]
    known = identity.realm_roles(realm)
    names = Vocabulary(known)
    groups = {str(group.get("name")): path for path, group in identity.groups(realm)}
    related: tuple[tuple[Location, str], ...] = ((realm.locate(("roles", "realm")), "the realm's roles"),)
    for auth_service in deployment.auth_services:
        for role in identity.permission_roles(auth_service):
            location = (
                auth_service.permissions.locate(("roles", role))
                if auth_service.permissions is not None
                else Location("", 1, 1)
            )
            if role in known and not known[role][1].get("composite"):
                continue
            if role in known:
                yield Finding(
                    RULE,
                    f"`{role}` is a composite role, which the auth-service leaves out",
                    location,
                    "make it a plain role",
                    related=((realm.locate(("roles", "realm", known[role][0])), "the realm's role"),),
                )
            elif role in groups:
                yield Finding(
                    RULE,
                    f"the realm has a group `{role}`, and no role of that name: groups alone give no rights",
                    location,
                    f"create the role `{role}` and map it to the group",
                    related=((realm.locate(groups[role]), "the group"),),
                )
            else:
                yield Finding(
                    RULE,
                    f"the realm has no role `{role}`",
                    location,
                    did_you_mean(role, names),
                    related=related,
                )
