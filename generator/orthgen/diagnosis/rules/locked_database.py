"""Two Orthancs with one database, which one of them locks."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "locked-database",
    Severity.ERROR,
    summary="Two Orthancs have the same PostgreSQL database, and one of them locks it (`Lock` is true).",
    consequence="The second one does not start: the database is locked by another Orthanc.",
    remedy='Write `"Lock": false` for every Orthanc of this database: the plugin locks it by default, and the image '
    "`orthancteam/orthanc` does not.",
    file="docker-compose.yml",
    example="""
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
              ORTHANC__POSTGRESQL__LOCK: "true"
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-for-shares:
            image: orthancteam/orthanc:26.8.1
            restart: always
            environment: *environment
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: , database: }
    """,
    counterexample="""
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
              ORTHANC__POSTGRESQL__LOCK: "false"
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-for-shares:
            image: orthancteam/orthanc:26.8.1
            restart: always
            environment: *environment
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: , database: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """No Orthanc locks a database that another one uses."""
    using: dict[tuple[str, str, str], Orthanc] = {}
    for orthanc in deployment.orthancs:
        service, host = orthanc.service, orthanc.settings.get("PostgreSQL", "Host")
        if service is None or service.definition.get("profiles") or not host:
            continue
        database = str(orthanc.settings.get("PostgreSQL", "Database") or "postgres")
        first = using.setdefault((containers.project(service), str(host), database), orthanc)
        locking = [each for each in (first, orthanc) if _locks(each)]
        if first is not orthanc and locking:
            yield Finding(
                RULE,
                f"`{first.name}` and `{orthanc.name}` use one database, and `Lock` allows one Orthanc only",
                orthancs.place(locking[0], "PostgreSQL", "Lock"),
                "write `false`",
                replacement="false",
            )


def _locks(orthanc: Orthanc) -> bool:
    """Whether an Orthanc locks its database: by default the plugin does, and the image orthancteam/orthanc does not."""
    return orthancs.is_on(orthanc, "PostgreSQL", "Lock", default=not orthancs.is_orthancteam_image(orthanc))
