"""Orthanc and its database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.products.orthanc import orthanc_environment, orthanc_secrets
from orthgen.products.services import FolderMount, Limits, NfsExport, PublishedPort, Volume, VolumeMount
from orthgen.targets.services.context import reader, secret_mounts
from orthgen.targets.services.external_database import check_service
from orthgen.targets.services.files import SCRIPTS
from orthgen.targets.services.host_settings import DATABASE_CPUS, ORTHANC_CPUS
from orthgen.targets.services.postgres import Database, database_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service
    from orthgen.targets.services.context import Site

_DATA = Volume("orthanc-data", "DICOM files, attachments and, without PostgreSQL, the index.")
_DATA_ELSEWHERE = Volume("orthanc-data", "What Orthanc keeps beside the DICOM files and the database.")


def archive_services(site: Site) -> Iterator[Service]:
    """Orthanc's database, where it has one, and Orthanc."""
    deployment = site.deployment
    database = _database(site)
    if database is not None:
        yield database
    image = deployment.release.image("orthanc")
    yield site.service(
        naming.ORTHANC,
        "orthanc",
        purpose="Orthanc: the archive, its web pages and the viewers that it serves itself.",
        user=reader(image),
        environment={**image.environment, **orthanc_environment(deployment), **_start_script(deployment)},
        secrets=secret_mounts(orthanc_secrets(deployment)),
        volumes=tuple(_volumes(deployment)),
        folders=tuple(_folders(deployment)),
        ports=tuple(_ports(deployment)),
        # Not after the auth-service: modalities can store while nobody can sign in yet.
        after=() if database is None else (database.name,),
        limits=Limits(deployment.memory.orthanc, ORTHANC_CPUS.default, 1024, ORTHANC_CPUS.name),
        # Jobs are saved and connections closed before the process ends.
        stop_seconds=60,
    )


def _database(site: Site) -> Service | None:
    """The PostgreSQL of the index, or the check of one outside; None where the index is elsewhere."""
    deployment = site.deployment
    if deployment.external_index is not None:
        return check_service(site, deployment.external_index)
    if not deployment.has_index_container:
        return None
    database = Database(
        service=naming.ORTHANC_DB,
        purpose="PostgreSQL: Orthanc's index.",
        name=naming.ORTHANC_DATABASE,
        secret=naming.ORTHANC_DB_PASSWORD,
        connections=deployment.profile.archive.storage.connections,
        memory=deployment.memory.database,
        processors=DATABASE_CPUS.default,
        processors_setting=DATABASE_CPUS.name,
    )
    return database_service(site, database)


def _start_script(deployment: Deployment) -> dict[str, str]:
    """The script that the image's entrypoint runs before Orthanc: it makes libpq's password file."""
    if deployment.external_index is None:
        return {}
    return {"BEFORE_ORTHANC_STARTUP_SCRIPT": f"bash {SCRIPTS}/passfile.sh"}


def _volumes(deployment: Deployment) -> Iterator[VolumeMount]:
    image = deployment.release.image("orthanc")
    if image.volume is not None:
        files = deployment.profile.archive.storage.files
        yield VolumeMount(_DATA_ELSEWHERE if files.model_fields_set else _DATA, image.volume)
        if files.nfs is not None:
            options = f"addr={files.nfs.server},rw,{files.nfs.options}"
            purpose = f"DICOM files and attachments, on {files.nfs.server}."
            volume = Volume("orthanc-files", purpose, export=NfsExport(files.nfs.path, options))
            yield VolumeMount(volume, image.paths["storage"])
    for path in image.writable:
        if path.executable:
            uid, _, gid = reader(image).partition(":")
            options = f"size={path.size},mode={path.mode},uid={uid},gid={gid},nosuid,nodev"
            yield VolumeMount(
                Volume("orthanc-plugins", "The plugins that are enabled, copied at each start.", options),
                path.path,
            )


def _folders(deployment: Deployment) -> Iterator[FolderMount]:
    path = deployment.profile.archive.storage.files.path
    if path is not None:
        storage = deployment.release.image("orthanc").paths["storage"]
        yield FolderMount(path, storage, naming.STORAGE_MARK)


def _ports(deployment: Deployment) -> Iterator[PublishedPort]:
    ports = deployment.host_ports
    if ports.dicom is not None:
        yield PublishedPort(ports.dicom.port, naming.DICOM_PORT, ports.dicom.address)
    for server, published in zip(deployment.collection_aets, ports.collections, strict=False):
        yield PublishedPort(published.port, server.port, published.address)
