"""Two Orthancs with one index in a folder."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Mount

RULE = Rule(
    "shared-sqlite-index",
    Severity.ERROR,
    summary="Two Orthancs have the same storage folder, and keep their index in it (SQLite).",
    consequence="The second one stops at its start: `SQLite: database is locked`.",
    remedy="Give each a folder of its own, or keep the index of both in one PostgreSQL (`PostgreSQL` with `EnableIndex`).",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
            volumes: ["orthanc:/var/lib/orthanc/db"]
          research:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC__REGISTERED_USERS: '{"research": "${RESEARCH_PASSWORD:?}"}'}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: , research: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
            volumes: ["orthanc:/var/lib/orthanc/db"]
          research:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC__REGISTERED_USERS: '{"research": "${RESEARCH_PASSWORD:?}"}'}
            volumes: ["research:/var/lib/orthanc/db"]
        volumes: {orthanc: , research: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Every Orthanc with SQLite has a folder of its own."""
    seen: dict[tuple[str, str], Mount] = {}
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or service.definition.get("profiles") or orthancs.has_database_server(orthanc):
            continue
        folder = str(orthanc.settings.get("StorageDirectory") or "/var/lib/orthanc/db").rstrip("/")
        mounts = containers.mounts_at(service, folder)
        mount = next((each for each in mounts if each.source and each.kind != "copy"), None)
        if mount is None or not orthanc.is_complete:
            continue
        replicas = service.definition.get("deploy", "replicas") or service.definition.get("scale")
        if isinstance(replicas, int) and replicas > 1:
            yield Finding(
                RULE,
                f"{replicas} containers of `{service.name}` keep their index in `{mount.source}`",
                mount.location,
                "write one replica, or keep the index in PostgreSQL",
            )
            continue
        other = seen.setdefault((containers.project(service), mount.source.rstrip("/")), mount)
        if other is not mount:
            yield Finding(
                RULE,
                f"two Orthancs keep their index in `{mount.source}`",
                mount.location,
                "mount another volume, or keep the index in PostgreSQL",
                related=((other.location, "the other one"),),
            )
