"""Docker Compose: one host, one folder, `docker compose up`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.documents.artifact import Artifact
from generator.documents.auth_service import auth_service_files
from generator.documents.certbot import certbot_files
from generator.documents.host_id import host_id_files
from generator.documents.keycloak_server import keycloak_server_files
from generator.documents.nginx import nginx_files
from generator.documents.ohif import ohif_files
from generator.documents.ohif_server import ohif_server_files
from generator.documents.orthanc import orthanc_files
from generator.documents.permissions import permissions_files
from generator.documents.secrets_readme import secrets_files
from generator.keycloak.desired import realm_file
from generator.targets.base import Target
from generator.targets.compose.composition import compose, supplied_files
from generator.targets.compose.host import env_example
from generator.targets.compose.text import compose_text

if TYPE_CHECKING:
    from generator.deployment.model import Deployment

COMPOSE_PATH = "docker-compose.yml"


def render(deployment: Deployment) -> tuple[Artifact, ...]:
    """Every file of the deployment: how it is run first, then what each service is configured with."""
    documents = _documents(deployment)
    composition = compose(deployment, [document.path for document in documents])
    texts = {document.path: document.text for document in documents}
    return (
        Artifact(COMPOSE_PATH, compose_text(deployment, composition, texts)),
        env_example(deployment),
        *secrets_files(deployment, tuple(supplied_files(deployment).items())),
        *documents,
    )


def _documents(deployment: Deployment) -> tuple[Artifact, ...]:
    """What the containers read. Each of these is mounted into one of them."""
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
    )


COMPOSE = Target("compose", "Docker Compose on one host.", render)
