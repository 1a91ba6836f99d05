"""
Checks of rights that cannot be limited to collections, and that a role has to accept.

Labels are looked at where a request names a study. What a role limited to collections does otherwise reaches
beyond them (authorization plugin 0.6 to 0.11.4, CheckedLevel studies; bodies that list studies are looked at by
the guard at the edge), and so do permissions of two roles that one person holds: the auth-service merges them, each permission on every label of either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity
from orthgen.profile.rights import EVERY_STUDY, PERMISSIONS_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.rights import Right, Role

_CONSEQUENCES = {
    "upload": "uploads carry no label, so nobody limited to collections sees them until a rule or a person labels them, and "
    "objects can be added to a study of any collection by anybody who knows its UID",
    "q-r-remote-modalities": "other archives can be searched and fetched from, where no label counts",
    "worklists": "every entry of the worklists can be read and changed",
    "settings": "what the server logs is changed for everybody",
    "audit-logs": "the log reveals everybody's studies",
    "admin-permissions": "the role can change all roles and permissions, also its own",
    "all": "it includes upload, q-r-remote-modalities, worklists and settings, which no label limits",
}


API_VIEW_FOR_LIMITED_ROLE = Rule(
    "api-view-for-limited-role",
    Severity.ERROR,
    summary="`api-view` opens the lists of all patients and changes, and labels do not limit these lists.",
    remedy="Remove `api-view` from the role, or give the role `collections: all`.",
    example="""
        collections: {cardio: {}}
        roles: {staff: {can: [api-view], collections: [cardio]}}
    """,
)
RIGHT_BEYOND_COLLECTIONS = Rule(
    "right-beyond-collections",
    Severity.WARNING,
    summary="A role is limited to collections and has a right that no label limits, so that the right "
    "reaches every study.",
    remedy="Remove the right; or write `beyond-collections: […]` in the role if that is intended.",
    example="""
        collections: {cardio: {}}
        roles: {staff: {can: [upload], collections: [cardio]}}
    """,
)


def limited_roles_reach_no_further(context: CheckContext) -> Iterator[Finding]:
    """A role limited to collections accepts each right that reaches beyond them."""
    roles = context.profile.roles
    for name, role in roles.items():
        if EVERY_STUDY in role.collections:
            continue
        for index in (index for index, right in enumerate(role.can) if right == "api-view"):
            message = f"`{name}` is limited to collections, and `api-view` opens the lists of all patients and changes"
            hint = "remove it, or give the role `collections: all`"
            yield context.finding(API_VIEW_FOR_LIMITED_ROLE, ("roles", name, "can", index), message, hint)
        for index, right, consequence in _beyond(role):
            message = f"`{right}` of `{name}` cannot be limited to its collections: {consequence}"
            hint = f"if that is intended, write `{_acceptance(roles, name)}`"
            yield context.finding(RIGHT_BEYOND_COLLECTIONS, ("roles", name, "can", index), message, hint)


def _beyond(role: Role) -> Iterator[tuple[int, Right, str]]:
    """Rights of a limited role that no label limits and that it does not accept, each with the consequence."""
    for index, right in enumerate(role.can):
        for permission in PERMISSIONS_OF.get(right, (right,)) if right != "api-view" else ():
            consequence = _CONSEQUENCES.get(permission)
            if consequence is not None and not {right, permission} & set(role.beyond_collections):
                yield index, right, consequence


def _acceptance(roles: Mapping[str, Role], name: str) -> str:
    """The line of a limited role that accepts every right for which it has a warning."""
    role = roles[name]
    rights = [right for _, right, _ in (*_beyond(role), *_merged(roles, role))]
    ordered = [right for right in role.can if right in rights]
    return f"beyond-collections: [{', '.join(dict.fromkeys([*role.beyond_collections, *ordered]))}]"


MERGED_ROLES = Rule(
    "merged-roles",
    Severity.WARNING,
    summary="The auth-service merges the roles of a person. A person with a limited role and a role for "
    "every study has the rights of the first on every study.",
    remedy="Never grant both roles to one person; or write `beyond-collections: […]` in the limited "
    "role if that is intended.",
    example="""
        identity: {keycloak: {local-port: 8081}}
        collections: {cardio: {}}
        roles:
          reader: {can: [view], collections: all}
          fetcher: {can: [download], collections: [cardio]}
    """,
)


def merged_roles_reach_no_further(context: CheckContext) -> Iterator[Finding]:
    """No role for every study would widen what a limited role can do, if one person held both."""
    if context.is_uncertain("roles"):
        return  # a right that was set aside may be the one that accepts it
    roles = context.profile.roles
    for name, role in roles.items():
        for index, right, widened in _merged(roles, role):
            message = f"anybody who holds `{name}` and `{widened}` can `{right}` on every study: permissions of roles merge"
            hint = f"never grant both to one person, or confirm it: `{_acceptance(roles, name)}`"
            yield context.finding(MERGED_ROLES, ("roles", name, "can", index), message, hint)


def _merged(roles: Mapping[str, Role], role: Role) -> Iterator[tuple[int, Right, str]]:
    """Rights of a limited role that it does not accept for every study, each with a role for every study without it."""
    if EVERY_STUDY in role.collections:
        return
    unlimited: dict[frozenset[str], str] = {}
    for name, other in roles.items():
        if EVERY_STUDY in other.collections:
            unlimited.setdefault(_permissions(other), name)
    for index, right in enumerate(role.can):
        widened = next((name for held, name in unlimited.items() if not _holds(held, right)), None)
        if widened is not None and right not in role.beyond_collections:
            yield index, right, widened


def _permissions(role: Role) -> frozenset[str]:
    permissions = (permission for right in role.can for permission in PERMISSIONS_OF.get(right, (right,)))
    return frozenset({*permissions, *({"report"} & set(role.can))})


def _holds(held: frozenset[str], right: str) -> bool:
    """Whether these permissions include a right (`all` includes everything but admin-permissions)."""
    if right == "report":
        return not held.isdisjoint({"report", "upload", "all"})
    needed = set(PERMISSIONS_OF.get(right, (right,)))
    return needed <= held or ("all" in held and "admin-permissions" not in needed - held)
