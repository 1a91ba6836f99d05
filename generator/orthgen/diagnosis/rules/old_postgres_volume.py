"""A volume of PostgreSQL 18 where older versions had it."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "old-postgres-volume",
    Severity.ERROR,
    summary="PostgreSQL 18 is given the volume of older versions, `/var/lib/postgresql/data`.",
    consequence="The container stops at start and explains it in its log, or keeps the data in an anonymous volume beside your volume.",
    remedy="Mount the volume at `/var/lib/postgresql`. Data of an older version need `pg_upgrade` or a dump first.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
            volumes: ["db:/var/lib/postgresql/data"]
        volumes: {db: }
    """,
    counterexample="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
            volumes: ["db:/var/lib/postgresql"]
        volumes: {db: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The volume is where the version keeps its data."""
    for service in deployment.services:
        digits = containers.tag(service).partition(".")[0].partition("-")[0]
        if (
            containers.repository(service) != "postgres"
            or not digits.isdigit()
            or int(digits) < 18
            or service.environment.has("PGDATA")
        ):
            continue
        for mount in service.mounts:
            if mount.target.rstrip("/") == "/var/lib/postgresql/data":
                yield Finding(
                    RULE,
                    f"PostgreSQL {digits} keeps its data below `/var/lib/postgresql/{digits}`",
                    mount.location,
                    "mount the volume at `/var/lib/postgresql`",
                    replacement="/var/lib/postgresql",
                    replaced=mount.target,
                )
