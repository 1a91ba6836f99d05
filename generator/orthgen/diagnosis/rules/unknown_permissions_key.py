"""Keys of permissions.json that the auth-service does not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import identity
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import did_you_mean, nearest

_TOP = ("roles", "available-labels")
_ROLE = ("permissions", "authorized-labels", "authorized_labels")
RULE = Rule(
    "unknown-permissions-key",
    Severity.WARNING,
    summary="The auth-service does not read this key of permissions.json.",
    consequence="The setting has no effect. A role without `authorized-labels` sees no study.",
    remedy="Write the key that the finding names, or remove it.",
    file="permissions.json",
    example="""
        {
          "roles": {"admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}},
          "available-labels": [],
          "available-tokens": {"ohif-viewer-publication": {"max-validity": 525600}}
        }
    """,
    counterexample="""
        {
          "roles": {"admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}},
          "available-labels": []
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service reads every key."""
    for auth_service in deployment.auth_services:
        document = auth_service.permissions
        if document is None or not isinstance(document.value, Mapping):
            continue
        unknown: list[tuple[Path, tuple[str, ...], Mapping[str, object]]] = [
            ((key,), _TOP, document.value) for key in document.value if key not in _TOP
        ]
        for role, entry in identity.permission_roles(auth_service).items():
            if isinstance(entry, Mapping):
                unknown += [(("roles", role, key), _ROLE, entry) for key in entry if key not in _ROLE]
        for path, known, siblings in unknown:
            key = str(path[-1])
            close = nearest(key, known)
            yield Finding(
                RULE,
                f"the auth-service does not read `{key}`",
                document.locate(path),
                did_you_mean(key, known),
                replacement=close if close and close not in siblings else "",
                change=EditKind.NAME,
            )
