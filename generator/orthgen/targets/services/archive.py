"""Orthanc, its readers and its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from orthgen.deployment import naming
from orthgen.products.orthanc import has_bucket_script, orthanc_environment, orthanc_secrets
from orthgen.products.orthanc.reader import IDENTIFIER_VARIABLE, SHARED_DATA
from orthgen.products.services import FolderMount, Limits, NfsExport, PublishedPort, Volume, VolumeMount
from orthgen.profile.database_connections import orthanc_connections
from orthgen.targets.services.context import reader, secret_mounts
from orthgen.targets.services.external_database import check_service
from orthgen.targets.services.files import SCRIPTS
from orthgen.targets.services.host_settings import DATABASE_CPUS, ORTHANC_CPUS, READER_CPUS
from orthgen.targets.services.postgres import DatabaseService, database_service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service
    from orthgen.targets.services.context import ServiceContext

_DATA = Volume("orthanc-data", "DICOM files, attachments and, without PostgreSQL, the index.")
_DATA_ELSEWHERE = Volume("orthanc-data", "What Orthanc keeps beside the DICOM files and the database.")


def archive_services(context: ServiceContext) -> Iterator[Service]:
    """Orthanc's database, where it has one, Orthanc, and its readers."""
    deployment = context.deployment
    database = _database(context)
    if database is not None:
        yield database
    yield _orthanc(
        context,
        naming.ORTHANC,
        purpose="Orthanc: the archive, its web pages and the viewers that it serves itself.",
        volumes=(*_data_volumes(deployment), *_plugins_volume(deployment, "orthanc-plugins")),
        folders=tuple(_folders(deployment)),
        ports=tuple(_ports(deployment)),
        # Not after the auth-service: modalities can store while nobody can sign in yet.
        after=() if database is None else (database.name,),
        limits=Limits(deployment.memory.orthanc, ORTHANC_CPUS.default, 1024, ORTHANC_CPUS.name),
    )
    for name in deployment.readers:
        yield _reader(context, name)


def _reader(context: ServiceContext, name: str) -> Service:
    deployment = context.deployment
    return _orthanc(
        context,
        name,
        purpose="A reader: an Orthanc on the same database and the same files, which changes neither.",
        environment={IDENTIFIER_VARIABLE: name},
        volumes=(*_reader_volumes(deployment, name), *_plugins_volume(deployment, f"{name}-plugins")),
        folders=tuple(replace(folder, read_only=True) for folder in _folders(deployment)),
        # The ingest node makes the tables of the database, and changes them at an upgrade.
        after=(naming.ORTHANC,),
        stops_with=(naming.ORTHANC,),
        limits=Limits(deployment.reader_memory, READER_CPUS.default, 1024, READER_CPUS.name),
    )


def _orthanc(
    context: ServiceContext, name: str, *, environment: Mapping[str, str] | None = None, **parts: Any
) -> Service:
    """A service of Orthanc's image: with the plugins, secrets and scripts that every Orthanc has."""
    deployment = context.deployment
    image = deployment.release.image("orthanc")
    return context.service(
        name,
        "orthanc",
        user=reader(image),
        environment={
            **image.environment,
            **orthanc_environment(deployment),
            **_start_script(deployment),
            **(environment or {}),
        },
        secrets=secret_mounts(orthanc_secrets(deployment)),
        # Jobs are saved and connections closed before the process ends.
        stop_seconds=60,
        **parts,
    )


def _database(context: ServiceContext) -> Service | None:
    """The PostgreSQL of the index, or the check of one outside; None where the index is elsewhere."""
    deployment = context.deployment
    if deployment.external_index is not None:
        return check_service(context, deployment.external_index)
    if not deployment.has_index_container:
        return None
    database = DatabaseService(
        service=naming.ORTHANC_DB,
        purpose="PostgreSQL: Orthanc's index.",
        name=naming.ORTHANC_DATABASE,
        secret=naming.ORTHANC_DB_PASSWORD,
        connections=orthanc_connections(deployment.profile),
        memory=deployment.memory.database,
        processors=DATABASE_CPUS.default,
        processors_setting=DATABASE_CPUS.name,
    )
    return database_service(context, database)


def _start_script(deployment: Deployment) -> dict[str, str]:
    """The command that the image's entrypoint runs before Orthanc: libpq's password file, and the keys of a bucket."""
    scripts = {
        "passfile.sh": deployment.external_index is not None,
        "bucket.sh": has_bucket_script(deployment),
    }
    # The first becomes the command that it is given.
    command = " ".join(f"bash {SCRIPTS}/{name}" for name, is_needed in scripts.items() if is_needed)
    return {"BEFORE_ORTHANC_STARTUP_SCRIPT": command} if command else {}


def _data_volumes(deployment: Deployment) -> Iterator[VolumeMount]:
    image = deployment.release.image("orthanc")
    if image.volume is not None:
        yield VolumeMount(_data(deployment), image.volume)
        yield from _files_volume(deployment, read_only=False)


def _reader_volumes(deployment: Deployment, name: str) -> Iterator[VolumeMount]:
    """A volume of the reader's own, where it builds archives, and the files, which it cannot change."""
    image = deployment.release.image("orthanc")
    if image.volume is not None:
        own = Volume(f"{name}-data", f"Archives, while {name} builds them. There is nothing to keep.")
        yield VolumeMount(own, image.volume)
        if not deployment.profile.archive.storage.files.model_fields_set:
            yield VolumeMount(_data(deployment), SHARED_DATA, read_only=True)
        yield from _files_volume(deployment, read_only=True)


def _data(deployment: Deployment) -> Volume:
    return _DATA_ELSEWHERE if deployment.profile.archive.storage.files.model_fields_set else _DATA


def _files_volume(deployment: Deployment, *, read_only: bool) -> Iterator[VolumeMount]:
    """The volume of the files on a file server; none where they are elsewhere."""
    nfs = deployment.profile.archive.storage.files.nfs
    if nfs is not None:
        options = f"addr={nfs.server},rw,{nfs.options}"
        purpose = f"DICOM files and attachments, on {nfs.server}."
        volume = Volume("orthanc-files", purpose, export=NfsExport(nfs.path, options))
        yield VolumeMount(volume, deployment.release.image("orthanc").paths["storage"], read_only=read_only)


def _plugins_volume(deployment: Deployment, name: str) -> Iterator[VolumeMount]:
    image = deployment.release.image("orthanc")
    for path in image.writable:
        if path.executable:
            uid, _, gid = reader(image).partition(":")
            options = f"size={path.size},mode={path.mode},uid={uid},gid={gid},nosuid,nodev"
            yield VolumeMount(
                Volume(name, "The plugins that are enabled, copied at each start.", options),
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
