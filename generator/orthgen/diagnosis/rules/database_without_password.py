"""A database that asks for no password."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "database-without-password",
    Severity.WARNING,
    summary="`POSTGRES_HOST_AUTH_METHOD: trust` lets everybody who reaches the database in, without a password.",
    consequence="Every container of that network, and everybody where the port is published, reads and changes the whole archive.",
    remedy="Remove it, and set `POSTGRES_PASSWORD` (or `POSTGRES_PASSWORD_FILE`) and Orthanc's `PostgreSQL.Password`. A database that "
    "exists keeps its `pg_hba.conf`: change it there, too.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_HOST_AUTH_METHOD: trust}
            volumes: ["db:/var/lib/postgresql"]
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
    """Databases ask for passwords."""
    for service in deployment.services:
        if service.variable("POSTGRES_HOST_AUTH_METHOD") == "trust":
            port = next(containers.open_ports(service), None)
            yield Finding(
                RULE,
                "the database asks nobody for a password"
                + (f", and its port {port.published} is published" if port else ""),
                service.locate_variable("POSTGRES_HOST_AUTH_METHOD"),
                "remove it, and set `POSTGRES_PASSWORD`",
                related=((port.location, "the published port"),) if port else (),
            )
