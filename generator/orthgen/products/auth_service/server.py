"""The auth-service's start script, environment and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.products.script import script
from orthgen.products.trusted_authorities import trust_mounts

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact

START_PATH = "auth-service/start.py"

# Where the permission editor writes. The image belongs to root; of its directories only this one lets anybody
# write, and a new volume takes the mode of the directory that it covers.
EDITED_FOLDER = "/var/tmp"  # noqa: S108 - in the container, covered by a volume


def auth_service_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The script that starts the service."""
    return (script(START_PATH, deployment.source),)


def auth_service_environment(deployment: Deployment) -> dict[str, str]:
    """The service's variables. Roots and addresses end in `/`: it joins them with what follows (urljoin)."""
    identity = deployment.profile.identity
    keycloak = deployment.addresses.keycloak_internal
    paths = deployment.release.image("auth-service").paths
    environment = {
        "ORTHANC_USER": naming.AUTH_SERVICE_USER,
        "SERVER_ID": naming.SERVER_ID,
        "ENABLE_KEYCLOAK": "true",
        "KEYCLOAK_URI": f"{keycloak}realms/{identity.realm}/",
        "PERMISSIONS_FILE_PATH": paths["permissions"],
        "ANONYMOUS_PROFILE_FILE_PATH": paths["anonymous-profile"],
    }
    if deployment.needs_admin_client:
        environment["KEYCLOAK_ADMIN_URI"] = f"{keycloak}admin/realms/{identity.realm}/"
    if identity.api_keys:
        environment["ENABLE_KEYCLOAK_API_KEYS"] = "true"
    if identity.permission_editor:
        environment["PERMISSIONS_FILE_PATH"] = f"{EDITED_FOLDER}/permissions.json"
    return environment | _links(deployment)


def _links(deployment: Deployment) -> dict[str, str]:
    """The addresses of share links; empty where nobody shares."""
    sharing = deployment.profile.sharing
    viewer = deployment.viewer(sharing.viewer) if sharing is not None else None
    if sharing is None or viewer is None or not viewer.share_environment:
        return {}
    landing_page = {"PUBLIC_LANDING_ROOT": deployment.addresses.landing_page} if sharing.landing_page else {}
    return {**viewer.share_environment, **landing_page}


def auth_service_secrets(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """The name of each secret, and the path, or name below /run/secrets, where the service reads it."""
    secrets = [
        (naming.AUTH_SERVICE_PASSWORD, "ORTHANC_PASSWORD"),
        (naming.AUTH_SERVICE_SECRET_KEY, "SECRET_KEY"),
    ]
    if deployment.needs_admin_client:
        secrets.append((naming.KEYCLOAK_CLIENT_SECRET, "KEYCLOAK_CLIENT_SECRET"))
    if not deployment.has_own_keycloak:
        secrets += trust_mounts(deployment)
    return tuple(secrets)
