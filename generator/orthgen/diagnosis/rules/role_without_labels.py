"""A role that sees no study."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "role-without-labels",
    Severity.WARNING,
    summary="A role has permissions and no `authorized-labels`.",
    consequence="People of this role sign in and get 403 for every study: `The UserProfile … does not contain any authorized labels`.",
    remedy='Add `"authorized-labels": ["*"]`, or the labels that the role may see.',
    file="permissions.json",
    example='{"roles": {"doctor": {"permissions": ["view", "admin-permissions"], "authorized-labels": []}}}',
    counterexample='{"roles": {"doctor": {"permissions": ["view", "admin-permissions"], "authorized-labels": ["*"]}}}',
    is_about_absence=True,
)
_ABOUT_STUDIES = frozenset(
    {"all", "view", "download", "delete", "modify", "anonymize", "share", "edit-labels", "send"}
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A role that may do something to studies sees some."""
    for auth_service in deployment.auth_services:
        for role in identity.permission_roles(auth_service):
            if (
                identity.labels_of(auth_service, role) == []
                and _ABOUT_STUDIES.intersection(identity.permissions_of(auth_service, role))
                and auth_service.permissions is not None
            ):
                yield Finding(
                    RULE,
                    f"role `{role}` has no label: it sees no study",
                    auth_service.permissions.locate(("roles", role, "authorized-labels")),
                    'write `"authorized-labels": ["*"]`, or the labels',
                )
