"""A start that does not wait for the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "start-without-waiting",
    Severity.NOTE,
    summary="Orthanc or Keycloak depends on its database, and does not wait until the database answers.",
    consequence="After a restart of the host Orthanc or Keycloak may stop, because the database is not ready yet.",
    remedy="Give the database a `healthcheck` (`pg_isready`), and write `condition: service_healthy` in `depends_on`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__POSTGRESQL__HOST: orthanc-db
              ORTHANC__POSTGRESQL__PASSWORD: ${POSTGRES_PASSWORD:?}
            depends_on: [orthanc-db]
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
            volumes: ["db:/var/lib/postgresql"]
        volumes: {orthanc: , db: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__POSTGRESQL__HOST: orthanc-db
              ORTHANC__POSTGRESQL__PASSWORD: ${POSTGRES_PASSWORD:?}
            depends_on: {orthanc-db: {condition: service_healthy}}
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
            healthcheck: {test: [CMD, pg_isready, -U, postgres]}
            volumes: ["db:/var/lib/postgresql"]
        volumes: {orthanc: , db: }
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Services wait for their database, or restart until it answers."""
    for product in (Product.ORTHANC, Product.KEYCLOAK):
        for service in containers.of_product(deployment, product):
            depends = service.definition.get("depends_on")
            if as_list(depends) and str(service.definition.get("restart") or "no") not in {
                "no",
                "false",
            }:
                continue  # it is started again until the database answers
            names = depends if isinstance(depends, Mapping) else dict.fromkeys(map(str, as_list(depends)))
            for name, condition in names.items():
                database = deployment.service(str(name))
                waits = isinstance(condition, Mapping) and condition.get("condition") == "service_healthy"
                if database is not None and database.product is Product.POSTGRES and not waits:
                    yield Finding(
                        RULE,
                        f"`{service.name}` does not wait until `{name}` answers",
                        service.definition.locate(("depends_on",)),
                        "write `condition: service_healthy`",
                    )
