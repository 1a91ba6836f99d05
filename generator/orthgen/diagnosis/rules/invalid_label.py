"""Labels that no study can have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import AuthService, ObservedDeployment

RULE = Rule(
    "invalid-label",
    Severity.ERROR,
    summary="permissions.json names a label with a character that Orthanc refuses in labels.",
    consequence="No study can get the label: Orthanc refuses it. Roles that are limited to it see no study.",
    remedy="Write letters `a` to `z`, digits, `-` and `_` only, at most 64.",
    file="permissions.json",
    example="""
        {
          "roles": {"admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}},
          "available-labels": ["Clinic North"]
        }
    """,
    counterexample="""
        {
          "roles": {"admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}},
          "available-labels": ["Clinic-North"]
        }
    """,
)
# Orthanc 1.13.0, `ServerToolbox::IsValidLabel`.
_VALID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc accepts every label."""
    for auth_service in deployment.auth_services:
        seen: set[str] = set()
        for label, location in _labels(auth_service):
            if label != "*" and label not in seen and _VALID.fullmatch(label) is None:
                seen.add(label)
                yield Finding(
                    RULE,
                    f"Orthanc accepts no label `{label}`",
                    location,
                    f"write `{_better(label)}`, here and on the studies" if _better(label) else "remove it",
                )


def _labels(auth_service: AuthService) -> Iterator[tuple[str, Location]]:
    document = auth_service.permissions
    if document is None:
        return
    for index, label in enumerate(as_list(mapping(document.value).get("available-labels"))):
        yield str(label), document.locate(("available-labels", index))
    for role, entry in identity.permission_roles(auth_service).items():
        for key in ("authorized-labels", "authorized_labels"):
            labels = mapping(entry).get(key)
            for index, label in enumerate(labels if isinstance(labels, list) else []):
                yield str(label), document.locate(("roles", role, key, index))


def _better(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", label).strip("-")[:64]
