"""Two Orthancs with one index."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import Mount, ObservedDeployment, Orthanc

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
        volumes: ["orthanc:/var/lib/orthanc/db"]
      research:
        image: orthancteam/orthanc:26.8.1
        environment: {ORTHANC__REGISTERED_USERS: '{"research": "${RESEARCH_PASSWORD:?}"}'}
        volumes: ["VOLUME:/var/lib/orthanc/db"]
    volumes: {orthanc: , research: }
"""
RULE = Rule(
    "shared-sqlite-index",
    Severity.ERROR,
    summary="Two Orthancs have the same storage folder, and keep their index in it (SQLite).",
    consequence="The second one stops at its start: `SQLite: database is locked`.",
    remedy="Give each a folder of its own, or keep the index of both in one PostgreSQL (`PostgreSQL` with `EnableIndex`).",
    file="docker-compose.yml",
    example=_FILES.replace("VOLUME", "orthanc"),
    counterexample=_FILES.replace("VOLUME", "research"),
)
_DATABASE = """
    services:
      orthanc-db:
        image: postgres:17.5
        environment: {POSTGRES_PASSWORD: "${DATABASE_PASSWORD:?}"}
        volumes: ["database:/var/lib/postgresql/data"]
        healthcheck: {test: "pg_isready -U postgres"}
      orthanc:
        image: orthancteam/orthanc:26.8.1
        restart: always
        environment: &environment
          ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'
          ORTHANC__POSTGRESQL__HOST: orthanc-db
          ORTHANC__POSTGRESQL__PASSWORD: ${DATABASE_PASSWORD:?}
          ORTHANC__POSTGRESQL__LOCK: "LOCKED"
        volumes: ["orthanc:/var/lib/orthanc/db"]
      orthanc-for-shares:
        image: orthancteam/orthanc:26.8.1
        restart: always
        environment: *environment
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: , database: }
"""
LOCKED = Rule(
    "locked-database",
    Severity.ERROR,
    summary="Two Orthancs have the same PostgreSQL database, and one of them locks it (`Lock` is true).",
    consequence="The second one does not start: the database is locked by another Orthanc.",
    remedy='Write `"Lock": false` for every Orthanc of this database.',
    file="docker-compose.yml",
    example=_DATABASE.replace("LOCKED", "true"),
    counterexample=_DATABASE.replace("LOCKED", "false"),
)
RULES = (RULE, LOCKED)
_INDEXES = ("PostgreSQL", "MySQL", "Odbc")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Every Orthanc has an index of its own, or one that several may use."""
    seen: dict[tuple[str, str], Mount] = {}
    locking: dict[tuple[str, str, str], Orthanc] = {}
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or service.definition.get("profiles"):
            continue
        project = containers.project(service)
        if _has_own_index(orthanc):
            host, name = (orthanc.settings.get("PostgreSQL", key) for key in ("Host", "Database"))
            key = (project, str(host), str(name or "postgres"))
            first = locking.setdefault(key, orthanc)
            locks = [
                each for each in (first, orthanc) if orthancs.is_on(each, "PostgreSQL", "Lock", default=False)
            ]
            if first is not orthanc and host and locks:
                yield Finding(
                    LOCKED,
                    f"`{first.name}` and `{orthanc.name}` use one database, and `Lock` allows one Orthanc only",
                    orthancs.place(locks[0], "PostgreSQL", "Lock"),
                    "write `false`",
                    replacement="false",
                )
            continue
        folder = str(orthanc.settings.get("StorageDirectory") or "/var/lib/orthanc/db").rstrip("/")
        mount = next(
            (each for each in containers.mounts_at(service, folder) if each.source and each.kind != "copy"),
            None,
        )
        if mount is None or not orthanc.is_complete:
            continue
        other = seen.setdefault((project, mount.source.rstrip("/")), mount)
        if other is not mount:
            yield Finding(
                RULE,
                f"two Orthancs keep their index in `{mount.source}`",
                mount.location,
                "mount another volume, or keep the index in PostgreSQL",
                related=((other.location, "the other one"),),
            )


def _has_own_index(orthanc: Orthanc) -> bool:
    """Whether the index is in a database server."""
    return any(
        orthanc.settings.has(name) and orthancs.is_on(orthanc, name, "EnableIndex", default=True)
        for name in _INDEXES
    )
