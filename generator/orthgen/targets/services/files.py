"""
Mounts of rendered files in containers: each document, and the folders of nginx, all read-only.

A document that has no place here is an error: a file that no container sees would be a promise that nobody keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.products.auth_service.permissions import ANONYMOUS_PATH, PERMISSIONS_PATH
from orthgen.products.auth_service.server import START_PATH as AUTH_SERVICE_START
from orthgen.products.certbot import RENEW_PATH
from orthgen.products.external_database import CHECK_PATH, PASSFILE_PATH
from orthgen.products.keycloak_server import START_PATH as KEYCLOAK_START
from orthgen.products.nginx import SNIPPETS
from orthgen.products.nginx.guard import FOLDER as GUARD_FOLDER
from orthgen.products.ohif.server import SERVER_PATH
from orthgen.products.orthanc import BUCKET_PATH, orthanc_mounts, reader_mounts
from orthgen.products.orthanc.host_id import host_id_path
from orthgen.products.services import FileMount

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.deployment.model import Deployment

# Scripts stand where nothing else is in any of the images.
SCRIPTS = "/opt/orthgen"


def mounts_of(paths: Iterable[str], deployment: Deployment) -> dict[str, tuple[FileMount, ...]]:
    """The mounts of each service, in the order of the documents. Raises LookupError for a document without a place."""
    places = _places(deployment) | _orthanc_places(deployment) | _database_places(deployment)
    mounts: dict[str, tuple[FileMount, ...]] = {}
    for path in dict.fromkeys(_mounted(path) for path in paths):
        for service, target in places.get(path) or (_below_nginx(path),):
            mounts[service] = (*mounts.get(service, ()), FileMount(f"./{path}", target))
    return mounts


def _mounted(path: str) -> str:
    """The path that is mounted to bring a document into its container."""
    return next((folder for folder in (GUARD_FOLDER, SNIPPETS) if path.startswith(f"{folder}/")), path)


def _places(deployment: Deployment) -> dict[str, tuple[tuple[str, str], ...]]:
    """The places of each document: the service, and the path in its container."""
    image = deployment.release.image
    auth_service, ohif = image("auth-service").paths, image("ohif").paths
    places = {
        **{path: (naming.ORTHANC, target) for path, target in orthanc_mounts(deployment)},
        **{host_id_path(name): (name, "/etc/hostid") for name in deployment.orthancs},
        PERMISSIONS_PATH: (naming.AUTH_SERVICE, auth_service["permissions"]),
        ANONYMOUS_PATH: (naming.AUTH_SERVICE, auth_service["anonymous-profile"]),
        AUTH_SERVICE_START: (naming.AUTH_SERVICE, f"{SCRIPTS}/start.py"),
        "ohif/app-config.js": (naming.OHIF, ohif["configuration"]),
        SERVER_PATH: (naming.OHIF, "/etc/nginx/nginx.conf"),
        "keycloak/realm.json": (naming.KEYCLOAK, f"{image('keycloak').paths['realm-import']}/realm.json"),
        KEYCLOAK_START: (naming.KEYCLOAK, f"{SCRIPTS}/start.sh"),
        RENEW_PATH: (naming.CERTBOT, f"{SCRIPTS}/renew.sh"),
    }
    return {path: (place,) for path, place in places.items()}


def _orthanc_places(deployment: Deployment) -> dict[str, tuple[tuple[str, str], ...]]:
    """The places of the files that several Orthancs read."""
    settings = {
        path: tuple((name, target) for name in deployment.readers)
        for path, target in reader_mounts(deployment)
    }
    ohif = tuple((name, "/etc/orthanc/ohif-app-config.js") for name in deployment.orthancs)
    scripts = tuple((name, f"{SCRIPTS}/bucket.sh") for name in deployment.orthancs)
    return {**settings, "orthanc/ohif-app-config.js": ohif, BUCKET_PATH: scripts}


def _database_places(deployment: Deployment) -> dict[str, tuple[tuple[str, str], ...]]:
    """The places of the scripts of external databases: each check has both, each Orthanc the one that makes its password file."""
    checks = [database.check for database in deployment.external_databases]
    clients = deployment.orthancs if deployment.external_index is not None else ()
    return {
        PASSFILE_PATH: tuple((service, f"{SCRIPTS}/passfile.sh") for service in (*clients, *checks)),
        CHECK_PATH: tuple((service, f"{SCRIPTS}/check.sh") for service in checks),
    }


def _below_nginx(path: str) -> tuple[str, str]:
    """The files of nginx have the same places below the deployment's `nginx/` and the image's `/etc/nginx/`."""
    folder, _, path_below = path.partition("/")
    if folder != naming.NGINX:
        raise LookupError(f"no container reads `{path}`")
    return naming.NGINX, f"/etc/nginx/{path_below}"
