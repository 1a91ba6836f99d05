"""Identity services: Keycloak, its database, and the auth-service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.products.auth_service.server import EDITED_FOLDER, auth_service_environment, auth_service_secrets
from orthgen.products.keycloak_server import (
    VAULT_FOLDER,
    keycloak_environment,
    keycloak_own_secrets,
)
from orthgen.products.services import Limits, PublishedPort, Volume, VolumeMount
from orthgen.products.trusted_authorities import trust_mounts
from orthgen.profile.database_connections import keycloak_connections
from orthgen.realm.import_secrets import import_variables, vault_files
from orthgen.targets.services.context import reader, secret_mounts
from orthgen.targets.services.external_database import check_service
from orthgen.targets.services.files import SCRIPTS
from orthgen.targets.services.host_settings import KEYCLOAK_CPUS
from orthgen.targets.services.postgres import DatabaseService, database_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service
    from orthgen.targets.services.context import ServiceContext


def identity_services(context: ServiceContext) -> Iterator[Service]:
    """Keycloak with its database, unless the institution has one, and the auth-service."""
    if context.deployment.has_own_keycloak:
        database = _database(context)
        yield database
        yield _keycloak(context, database.name)
    yield _auth_service(context)


def _database(context: ServiceContext) -> Service:
    """The PostgreSQL of Keycloak, or the check of one outside."""
    external = context.deployment.external_keycloak_database
    if external is not None:
        return check_service(context, external)
    database = DatabaseService(
        service=naming.KEYCLOAK_DB,
        purpose="PostgreSQL: Keycloak's users and sessions.",
        name=naming.KEYCLOAK_DATABASE,
        secret=naming.KEYCLOAK_DB_PASSWORD,
        connections=keycloak_connections(context.deployment.profile),
        memory=context.deployment.memory.database,
        processors="1",
    )
    return database_service(context, database)


def _keycloak(context: ServiceContext, database: str) -> Service:
    deployment = context.deployment
    image = deployment.release.image("keycloak")
    vault = [(file.secret, f"{VAULT_FOLDER}/{file.file}") for file in vault_files(deployment)]
    # In a cluster, provisioning makes the realm.
    imported = import_variables(deployment) if deployment.kubernetes is None else ()
    variables = [(variable.secret, variable.variable) for variable in imported]
    # A new version starts from its own files again, so the volume's name holds it.
    build = Volume(
        f"keycloak-build-{image.tag}",
        f"Keycloak {image.tag}, built for this database at the first start.",
        is_filled=True,
    )
    return context.service(
        naming.KEYCLOAK,
        "keycloak",
        purpose="Keycloak: signs people in.",
        user=reader(image),
        entrypoint=("bash", f"{SCRIPTS}/start.sh"),
        environment=keycloak_environment(deployment, has_vault=bool(vault)),
        secrets=secret_mounts(
            (*keycloak_own_secrets(deployment), *vault, *variables, *trust_mounts(deployment))
        ),
        volumes=(VolumeMount(build, image.volume or ""),),
        ports=_local_port(deployment),
        after=(database,),
        limits=Limits(deployment.memory.keycloak, KEYCLOAK_CPUS.default, 1024, KEYCLOAK_CPUS.name),
        # kc.sh (26.7) warns at each start where it is not, although an init process would hand signals on.
        is_process_one=True,
        stop_seconds=30,
    )


def _local_port(deployment: Deployment) -> tuple[PublishedPort, ...]:
    """The admin API for administrators on the host itself, where the profile asks for it."""
    local = deployment.host_ports.keycloak
    return () if local is None else (PublishedPort(local.port, naming.PORTS[naming.KEYCLOAK], local.address),)


def _auth_service(context: ServiceContext) -> Service:
    deployment = context.deployment
    image = deployment.release.image("auth-service")
    edited = Volume(
        "permissions", "Roles as edited in Orthanc Explorer 2; without it, they are the profile's again."
    )
    return context.service(
        naming.AUTH_SERVICE,
        "auth-service",
        purpose="The auth-service: tells Orthanc who may do what, and makes and reads links.",
        user=reader(image),
        entrypoint=("python3", f"{SCRIPTS}/start.py"),
        environment={**image.environment, **auth_service_environment(deployment)},
        secrets=secret_mounts(auth_service_secrets(deployment)),
        volumes=(VolumeMount(edited, EDITED_FOLDER),)
        if deployment.profile.identity.permission_editor
        else (),
        # It asks for the realm's key once, when it starts, and ends where it gets none.
        after=(naming.KEYCLOAK,) if deployment.has_own_keycloak else (),
        limits=Limits(deployment.memory.auth_service, "1", 128),
    )
