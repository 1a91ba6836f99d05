"""A release that does not work."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "broken-release",
    Severity.ERROR,
    summary="This release of the image is known not to work with what is configured.",
    consequence="Orthanc stops at start, or its container does.",
    remedy="Take the release that the finding names.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:24.12.0-full
            user: orthanc
            environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:25.1.0-full
            user: orthanc
            environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    also=("vulnerable-image",),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The release works with what is configured."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or containers.repository(service) != "orthancteam/orthanc":
            continue
        tag, place = containers.version(service), containers.image_place(service)
        is_unprivileged = containers.is_true(service.definition.get("read_only")) or str(
            service.definition.get("user") or "0"
        ).partition(":")[0] not in {"0", "root"}
        if (
            tag
            and "full" in containers.tag(service)
            and not at_least(tag, "25.1.0")
            and is_unprivileged
            and not any(containers.mounts_at(service, "/run/orthanc/plugins"))
        ):
            yield Finding(
                RULE,
                f"`-full` images before 25.1.0 cannot install their plugins without root ({tag})",
                place,
                "take 25.1.0 or newer",
            )
        if tag == "25.4.1" and orthanc.settings.has("PythonScript"):
            yield Finding(RULE, "25.4.1 does not run Python plugins", place, "take 25.4.2 or newer")
        level = orthanc.settings.get("PostgreSQL", "TransactionMode")
        if (
            tag
            and not at_least(tag, "24.12.0")
            and orthanc.settings.has("PostgreSQL")
            and level != "ReadCommitted"
            and at_least(tag, "24.2.1")
        ):
            better, change = orthancs.proposal(orthanc, "ReadCommitted", "PostgreSQL", "TransactionMode")
            yield Finding(
                SERIALIZABLE,
                "the PostgreSQL plugin of this release uses serializable transactions by default",
                orthancs.place(orthanc, "PostgreSQL"),
                'write `"TransactionMode": "ReadCommitted"`',
                related=((place, "the image"),),
                replacement=better,
                change=change,
            )


SERIALIZABLE = Rule(
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
RULES = (RULE, SERIALIZABLE)
