"""The files that containers read, of whichever target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.products.auth_service.permissions import permissions_files
from orthgen.products.auth_service.server import auth_service_files
from orthgen.products.certbot import certbot_files
from orthgen.products.external_database import external_database_files
from orthgen.products.keycloak_server import keycloak_server_files
from orthgen.products.nginx import nginx_files
from orthgen.products.ohif.app_config import ohif_files
from orthgen.products.ohif.server import ohif_server_files
from orthgen.products.orthanc import bucket_files, orthanc_files
from orthgen.products.orthanc.host_id import host_id_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact


def documents(deployment: Deployment, realm: Iterable[Artifact] = ()) -> tuple[Artifact, ...]:
    """The documents that containers read, each mounted into one of them; `realm` where Keycloak imports it itself."""
    return (
        *nginx_files(deployment),
        *orthanc_files(deployment),
        *bucket_files(deployment),
        *host_id_files(deployment),
        *permissions_files(deployment),
        *auth_service_files(deployment),
        *ohif_files(deployment),
        *ohif_server_files(deployment),
        *realm,
        *keycloak_server_files(deployment),
        *certbot_files(deployment),
        *external_database_files(deployment),
    )
