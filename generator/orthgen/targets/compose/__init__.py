"""Docker Compose: one host, one folder, `docker compose up`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.products.artifact import Artifact
from orthgen.products.secrets_readme import secrets_files
from orthgen.realm.provider_addresses import provider_addresses
from orthgen.realm.realm_file import realm_file
from orthgen.targets.base import Target
from orthgen.targets.compose.compose_file import compose_text
from orthgen.targets.compose.env_example import env_example
from orthgen.targets.services.composition import compose, supplied_files
from orthgen.targets.services.documents import documents

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

COMPOSE_PATH = "docker-compose.yml"


def render(deployment: Deployment) -> tuple[Artifact, ...]:
    """Every file of the deployment: how it is run first, then what each service is configured with."""
    realm = (realm_file(deployment),) if deployment.has_own_keycloak else ()
    files = documents(deployment, realm)
    composition = compose(deployment, [file.path for file in files])
    texts = {file.path: file.text for file in files}
    return (
        Artifact(COMPOSE_PATH, compose_text(deployment, composition, texts)),
        env_example(deployment),
        *secrets_files(deployment, tuple(supplied_files(deployment).items()), provider_addresses(deployment)),
        *files,
    )


COMPOSE = Target("compose", "Docker Compose on one host.", render)
