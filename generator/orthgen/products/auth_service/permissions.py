"""
permissions.json and anonymous-profile.json: the auth-service's roles and its anonymous profile.

Both may hold comments; the service refuses to start where a permission is not in its closed list
(orthanc-auth-service 25.8 to 26.4.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment.guard_settings import with_marker
from orthgen.formats.yaml_io import dump_json
from orthgen.products.artifact import Artifact
from orthgen.products.header import header

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

PERMISSIONS_PATH = "auth-service/permissions.json"
ANONYMOUS_PATH = "auth-service/anonymous-profile.json"

# For how many seconds the plugin may keep an answer; the service's own value for people who sign in.
_VALIDITY = 60


def permissions_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """auth-service/permissions.json and auth-service/anonymous-profile.json."""
    return (
        _json(deployment, PERMISSIONS_PATH, permissions(deployment)),
        # The image ships a profile that lets anybody upload; this one takes its place.
        _json(deployment, ANONYMOUS_PATH, anonymous_profile(deployment)),
    )


def permissions(deployment: Deployment) -> dict[str, Any]:
    """Roles by name, each with its labels and permissions, and the labels that may be put on a study."""
    labels = dict.fromkeys(collection.label for collection in deployment.collections)
    return {
        "roles": {
            role.name: {
                "authorized-labels": list(role.labels),
                "permissions": list(with_marker(role.permissions, role.labels)),
            }
            for role in deployment.roles
        },
        # Empty means that people who may edit labels may invent some.
        "available-labels": list(labels),
    }


def anonymous_profile(deployment: Deployment) -> dict[str, Any]:
    """The rights of callers without a user's token. Every key of the service's model is set."""
    anonymous = deployment.anonymous
    return {
        "name": "Anonymous",
        "authorized-labels": list(anonymous.labels),
        "permissions": list(anonymous.permissions),
        "groups": [],
        "validity": _VALIDITY,
    }


def _json(deployment: Deployment, path: str, value: dict[str, Any]) -> Artifact:
    return Artifact(path, header(deployment.source, "// ") + dump_json(value))
