"""A published port of a database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "published-database-port",
    Severity.WARNING,
    summary="The port of the database is published to other machines.",
    consequence="Everybody in the network can try passwords at the database, which holds all names of patients.",
    remedy="Remove the port: Orthanc and Keycloak reach the database inside the Compose network.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
            ports: ["5432:5432"]
            volumes: ["db:/var/lib/postgresql"]
        volumes: {db: }
    """,
    counterexample="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
            ports: ["127.0.0.1:5432:5432"]
            volumes: ["db:/var/lib/postgresql"]
        volumes: {db: }
    """,
)
_DATABASES = re.compile(r"(?:^|/)(?:postgres|postgresql|mysql|mariadb|mongo|redis)\b")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Databases have no public port."""
    for service in deployment.services:
        if service.product is Product.POSTGRES or _DATABASES.search(containers.repository(service)):
            for port in containers.open_ports(service):
                yield Finding(
                    RULE,
                    f"port {port.published} leads to the database",
                    port.location,
                    f"remove it, or write `127.0.0.1:{port.published}:{port.target}`",
                )
