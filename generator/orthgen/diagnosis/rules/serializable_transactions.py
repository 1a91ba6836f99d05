"""A PostgreSQL plugin with serializable transactions."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "serializable-transactions",
    Severity.WARNING,
    summary="PostgreSQL plugins before 7.0 (image 24.12.0) run serializable transactions unless told otherwise.",
    consequence="Under load uploads fail with `could not serialize access`, and modalities have to send again.",
    remedy='Write `"TransactionMode": "ReadCommitted"` in the section `PostgreSQL`, or take a newer image.',
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:24.6.1
            environment:
              ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'
              ORTHANC__POSTGRESQL__HOST: db.example.org
              ORTHANC__POSTGRESQL__PASSWORD: ${POSTGRES_PASSWORD:?}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:24.6.1
            environment:
              ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'
              ORTHANC__POSTGRESQL__HOST: db.example.org
              ORTHANC__POSTGRESQL__PASSWORD: ${POSTGRES_PASSWORD:?}
              ORTHANC__POSTGRESQL__TRANSACTION_MODE: ReadCommitted
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    also=("vulnerable-image",),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Transactions do not fail under load."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or containers.repository(service) != "orthancteam/orthanc":
            continue
        tag = containers.version(service)
        is_concerned = tag and at_least(tag, "24.2.1") and not at_least(tag, "24.12.0")
        level = orthanc.settings.get("PostgreSQL", "TransactionMode")
        if is_concerned and orthanc.settings.has("PostgreSQL") and level != "ReadCommitted":
            better, change = orthancs.proposal(orthanc, "ReadCommitted", "PostgreSQL", "TransactionMode")
            yield Finding(
                RULE,
                "the PostgreSQL plugin of this release uses serializable transactions by default",
                orthancs.place(orthanc, "PostgreSQL"),
                'write `"TransactionMode": "ReadCommitted"`',
                related=((service.image_place, "the image"),),
                replacement=better,
                change=change,
            )
