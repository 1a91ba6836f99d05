"""Roles of which none may administrate."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "no-administrator",
    Severity.NOTE,
    summary="No role of permissions.json has `admin-permissions`, which `all` does not include.",
    consequence="Nobody can open the pages of permissions and of jobs, nor change modalities by the REST API, a role with `all` "
    "included.",
    remedy="Add `admin-permissions` to the role of administrators.",
    file="permissions.json",
    example='{"roles": {"admin": {"authorized-labels": ["*"], "permissions": ["all"]}}, "available-labels": []}',
    counterexample='{"roles": {"admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}}, "available-labels": []}',
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A role of administrators administrates."""
    for auth_service in deployment.auth_services:
        roles = identity.permission_roles(auth_service)
        held = {role: identity.permissions_of(auth_service, role) for role in roles}
        if auth_service.permissions is None or any("admin-permissions" in each for each in held.values()):
            continue
        service = auth_service.service
        # A deployment with the editor's secret, or with a role of that name, means to have an administrator.
        has_editor = service is not None and service.environment.has("KEYCLOAK_CLIENT_SECRET")
        for role, permissions in held.items():
            if "all" in permissions and (has_editor or "admin" in role.lower()):
                yield Finding(
                    RULE,
                    f"`{role}` has `all`, which does not include `admin-permissions`, and no other role has it",
                    auth_service.permissions.locate(("roles", role, "permissions")),
                    'add `"admin-permissions"`',
                )
                break
