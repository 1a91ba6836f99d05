"""A role in the form of old releases of the auth-service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers, identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "role-as-list",
    Severity.ERROR,
    summary="A role of permissions.json is a list, as before auth-service 23.9.0.",
    consequence="The auth-service stops at start, and Orthanc answers 403 to everybody.",
    remedy='Write an object: `{"permissions": […], "authorized-labels": ["*"]}`.',
    file="permissions.json",
    example='{"roles": {"doctor": ["view", "admin-permissions"]}}',
    counterexample='{"roles": {"doctor": {"permissions": ["view", "admin-permissions"], "authorized-labels": ["*"]}}}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Roles are objects."""
    for auth_service in deployment.auth_services:
        has = containers.version(auth_service.service)
        if auth_service.permissions is None or (has and not at_least(has, "23.9.0")):
            continue
        for role, entry in identity.permission_roles(auth_service).items():
            if not isinstance(entry, Mapping):
                yield Finding(
                    RULE,
                    f"role `{role}` is a list; the auth-service reads objects",
                    auth_service.permissions.locate(("roles", role)),
                    'write `{"permissions": […], "authorized-labels": ["*"]}`',
                )
