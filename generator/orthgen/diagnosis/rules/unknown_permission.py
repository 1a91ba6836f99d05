"""A permission that the auth-service does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers, identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.formats.yaml_io import Document, Path
from orthgen.observed.model import AuthService, ObservedDeployment
from orthgen.spelling import did_you_mean, nearest

_SINCE = {"audit-logs": "25.8.0", "worklists": "25.12.0"}
RULE = Rule(
    "unknown-permission",
    Severity.ERROR,
    summary="permissions.json or the anonymous profile has a permission that the auth-service does not know.",
    consequence="The auth-service stops at start, and Orthanc answers 403 to everybody.",
    remedy="Write one of: " + ", ".join(f"`{name}`" for name in identity.PERMISSIONS) + ".",
    file="permissions.json",
    example='{"roles": {"doctor": {"authorized-labels": ["*"], "permissions": ["view", "edit-label", "admin-permissions"]}}, "available-labels": []}',
    counterexample='{"roles": {"doctor": {"authorized-labels": ["*"], "permissions": ["view", "edit-labels", "admin-permissions"]}}, "available-labels": []}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service knows every permission."""
    for auth_service in deployment.auth_services:
        for document, path, name in _permissions(auth_service):
            since = _SINCE.get(name)
            has = containers.version(auth_service.service)
            if name not in identity.PERMISSIONS:
                close = nearest(name, identity.PERMISSIONS)
                yield Finding(
                    RULE,
                    f"the auth-service knows no permission `{name}`",
                    document.locate(path),
                    did_you_mean(name, identity.PERMISSIONS),
                    replacement=f'"{close}"' if close else "",
                )
            elif since is not None and has and not at_least(has, since):
                yield Finding(
                    RULE,
                    f"the auth-service {has} does not know `{name}`",
                    document.locate(path),
                    f"it is known from {since} on: take a newer image",
                )


def _permissions(auth_service: AuthService) -> Iterator[tuple[Document, Path, str]]:
    document = auth_service.permissions
    for role, entry in identity.permission_roles(auth_service).items():
        path: Path = ("roles", role, "permissions") if isinstance(entry, Mapping) else ("roles", role)
        for index, name in enumerate(identity.permissions_of(auth_service, role)):
            if document is not None:
                yield document, (*path, index), name
    profile = auth_service.anonymous_profile
    if profile is not None and isinstance(profile.value, Mapping):
        for index, name in enumerate(as_list(profile.value.get("permissions"))):
            yield profile, ("permissions", index), str(name)
