"""Data that go with their container."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.service_model import Product, Service

RULE = Rule(
    "data-in-container",
    Severity.ERROR,
    summary="Studies, the index or a database are kept in the container, or the volume is mounted elsewhere.",
    consequence="`docker compose down`, or an update of the image, deletes all studies or the index.",
    remedy="Mount a volume: Orthanc `/var/lib/orthanc/db`, PostgreSQL to 17 `/var/lib/postgresql/data`, PostgreSQL 18 "
    "`/var/lib/postgresql`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    is_about_absence=True,
)
_IMAGE = re.compile(r"(?:[\w.-]+/)?orthanc(?:-plugins|-python)?")
_DEFAULT = "/var/lib/orthanc/db"
_DATABASE = "/var/lib/postgresql/data"
_OBJECT_STORES = ("AwsS3Storage", "AzureBlobStorage", "GoogleCloudStorage")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Data outlive their container."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if (
            service is None
            or not _IMAGE.fullmatch(containers.repository(service))
            or service.definition.has("volumes_from")
            or not containers.is_whole(deployment)
            or not orthanc.is_complete
        ):
            continue
        folder = _folder(orthanc, "StorageDirectory") or _DEFAULT
        if not (_is_elsewhere(orthanc) or _outlives(service, folder)):
            written = orthanc.settings.has("StorageDirectory")
            yield Finding(
                RULE,
                f"{_lack(service, folder)}: studies go with the container",
                orthancs.place(orthanc, "StorageDirectory") if written else service.image_place,
                f"mount a volume at `{folder}`"
                if not _is_relative(orthanc)
                else f"write `{_DEFAULT}`, and mount a volume there",
                replacement=f'"{_DEFAULT}"'
                if _is_relative(orthanc) and containers.keeps(service, _DEFAULT)
                else "",
            )
        index = _folder(orthanc, "IndexDirectory") or folder
        if index != folder and not orthancs.has_database_server(orthanc) and not _outlives(service, index):
            yield Finding(
                RULE,
                f"{_lack(service, index)}: the index of all studies goes with the container",
                orthancs.place(orthanc, "IndexDirectory"),
                f"mount a volume at `{index}`",
            )
    for service in containers.of_product(deployment, Product.POSTGRES):
        folder = _database_folder(service)
        if (
            folder
            and _is_server(service)
            and not _outlives(service, folder)
            and not service.environment.has("PGDATA")
            # With another entry point the image runs no server: `psql` for a database elsewhere, for example.
            and not service.definition.get("entrypoint")
            and containers.is_whole(deployment)
        ):
            other = next(
                (mount for mount in service.mounts if mount.target.startswith("/var/lib/postgresql")), None
            )
            message = f"{_lack(service, folder)}: the database goes with the container"
            yield Finding(
                RULE,
                message,
                other.location if other else service.image_place,
                f"mount a volume at `{folder}`",
            )


def _is_server(service: Service) -> bool:
    """Whether a container of PostgreSQL's image runs the server, and not a program of its own."""
    command = service.definition.get("command")
    words = command.split() if isinstance(command, str) else [str(word) for word in as_list(command)]
    has_own = bool(service.definition.get("entrypoint"))
    return not has_own and (not words or words[0].startswith("-") or words[0] == "postgres")


def _outlives(service: Service, folder: str) -> bool:
    """Whether a folder is on a volume that the next container gets, too: one with a name, or a folder of the host."""
    # `postgres` before 18 declares a volume of its own at its folder, which hides what is mounted above it.
    is_hidden = folder == _DATABASE
    return any(
        mount.kind not in {"copy", "tmpfs"}
        and (mount.source or mount.kind != "volume")
        and (not is_hidden or mount.target.startswith(folder))
        for mount in containers.mounts_at(service, folder)
    )


def _lack(service: Service, folder: str) -> str:
    """What is wrong with the mounts of a folder."""
    mounts = [mount for mount in containers.mounts_at(service, folder) if mount.kind != "copy"]
    if any(mount.kind == "tmpfs" for mount in mounts):
        return f"`{folder}` is in memory"
    if any(not mount.source for mount in mounts):
        return f"the volume at `{folder}` has no name, and the next container gets another one"
    if mounts:
        return f"the image has a volume of its own at `{folder}`, below `{mounts[0].target}`"
    return f"nothing is mounted at `{folder}`"


def _folder(orthanc: Orthanc, key: str) -> str:
    """
    The folder that a setting names; empty without one.

    A relative one begins at the folder of the configuration (Orthanc 1.12.11, OrthancConfiguration): in the image
    orthancteam/orthanc that is `/tmp`, in plain images `/etc/orthanc`.
    """
    value = str(orthanc.settings.get(key) or "")
    if "$" in value:
        return ""
    above = "/tmp" if orthancs.is_orthancteam_image(orthanc) else "/etc/orthanc"  # noqa: S108 - a path in a container
    return str(PurePosixPath(above) / value).rstrip("/") if value else ""


def _is_relative(orthanc: Orthanc) -> bool:
    value = str(orthanc.settings.get("StorageDirectory") or "")
    return bool(value) and not value.startswith("/")


def _is_elsewhere(orthanc: Orthanc) -> bool:
    """Whether neither studies nor the index are files in the storage directory."""
    has_index = any(
        orthancs.is_on(orthanc, name, "EnableIndex", default=True) and orthanc.settings.has(name)
        for name in ("PostgreSQL", "MySQL", "Odbc")
    )
    has_files = any(orthanc.settings.has(name) for name in _OBJECT_STORES) or any(
        orthancs.is_on(orthanc, name, "EnableStorage", default=False)
        for name in ("PostgreSQL", "MySQL", "Odbc")
    )
    return has_index and has_files


def _database_folder(service: Service) -> str:
    """The folder of the data of a PostgreSQL image; empty for another image."""
    if containers.repository(service) not in {"postgres", "bitnami/postgresql"}:
        return ""
    if containers.repository(service) == "bitnami/postgresql":
        return "/bitnami/postgresql"
    version = containers.version(service) or containers.tag(service).partition("-")[0]
    digits = version.partition(".")[0]
    return _DATABASE if digits.isdigit() and int(digits) < 18 else "/var/lib/postgresql"
