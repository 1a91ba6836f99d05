"""A release that does not work."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
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
        tag, place = containers.version(service), service.image_place
        user = str(service.definition.get("user") or "0").partition(":")[0]
        is_unprivileged = containers.is_true(service.definition.get("read_only")) or user not in {"0", "root"}
        is_full_before_cure = tag and "full" in containers.tag(service) and not at_least(tag, "25.1.0")
        if (
            is_full_before_cure
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
