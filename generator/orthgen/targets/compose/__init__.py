"""Docker Compose: one host, one folder, `docker compose up`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.products.artifact import Artifact
from orthgen.products.auth_service.permissions import permissions_files
from orthgen.products.auth_service.server import auth_service_files
from orthgen.products.certbot import certbot_files
from orthgen.products.external_database import external_database_files
from orthgen.products.keycloak_server import keycloak_server_files
from orthgen.products.nginx import nginx_files
from orthgen.products.ohif.app_config import ohif_files
from orthgen.products.ohif.server import ohif_server_files
from orthgen.products.orthanc import orthanc_files
from orthgen.products.orthanc.host_id import host_id_files
from orthgen.products.secrets_readme import secrets_files
from orthgen.realm.provider_addresses import provider_addresses
from orthgen.realm.realm_file import realm_file
from orthgen.targets.base import Target
from orthgen.targets.compose.compose_file import compose_text
from orthgen.targets.compose.env_example import env_example
from orthgen.targets.services.composition import compose, supplied_files

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

COMPOSE_PATH = "docker-compose.yml"


def render(deployment: Deployment) -> tuple[Artifact, ...]:
    """Every file of the deployment: how it is run first, then what each service is configured with."""
    documents = _documents(deployment)
    composition = compose(deployment, [document.path for document in documents])
    texts = {document.path: document.text for document in documents}
    return (
        Artifact(COMPOSE_PATH, compose_text(deployment, composition, texts)),
        env_example(deployment),
        *secrets_files(deployment, tuple(supplied_files(deployment).items()), provider_addresses(deployment)),
        *documents,
    )


def _documents(deployment: Deployment) -> tuple[Artifact, ...]:
    """The documents that containers read. Each is mounted into one of them."""
    realm = (realm_file(deployment),) if deployment.has_own_keycloak else ()
    return (
        *nginx_files(deployment),
        *orthanc_files(deployment),
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


COMPOSE = Target("compose", "Docker Compose on one host.", render)
