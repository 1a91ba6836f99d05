"""Parts of permissions.json that the auth-service cannot read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_LISTS = ("permissions", "authorized-labels", "authorized_labels")
RULE = Rule(
    "malformed-permissions",
    Severity.ERROR,
    summary="permissions.json has a list or a text where the auth-service expects an object or a list.",
    consequence="The auth-service stops at its start: `Unable to get roles and permissions from configuration file`. Orthanc answers "
    "403 to everybody.",
    remedy="Write `roles` as an object with the name of each role, and `permissions` and `authorized-labels` as lists.",
    file="permissions.json",
    example="""
        {"roles": {"admin": {"permissions": "all|admin-permissions", "authorized-labels": ["*"]}}, "available-labels": []}
    """,
    counterexample="""
        {"roles": {"admin": {"permissions": ["all", "admin-permissions"], "authorized-labels": ["*"]}}, "available-labels": []}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service reads every part."""
    for auth_service in deployment.auth_services:
        document = auth_service.permissions
        if document is None or not isinstance(document.value, Mapping):
            continue
        if isinstance(document.value.get("roles"), list):
            yield Finding(
                RULE,
                "`roles` is a list; the auth-service expects an object",
                document.locate(("roles",)),
                'write `"roles": {"NAME": {"permissions": […], "authorized-labels": […]}}`',
            )
        for role, entry in identity.permission_roles(auth_service).items():
            for key in _LISTS if isinstance(entry, Mapping) else ():
                value = entry.get(key)
                if key in entry and not isinstance(value, list):
                    better = (
                        json.dumps(value.replace(",", "|").split("|")) if isinstance(value, str) else "[]"
                    )
                    yield Finding(
                        RULE,
                        f"`{key}` of role `{role}` is not a list",
                        document.locate(("roles", role, key)),
                        f"write `{better}`",
                        replacement=better,
                    )
