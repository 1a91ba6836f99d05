"""An Orthanc that asks for passwords and knows no user."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "no-registered-user",
    Severity.ERROR,
    summary="Orthanc asks for a name and a password, and no user is declared.",
    consequence="Orthanc 1.13.0 and newer (image 26.8.0) do not start. Older ones create the user `orthanc` with the password "
    "`orthanc`, which everybody knows.",
    remedy="Declare `RegisteredUsers`, or set `ORTHANC_PASSWORD` for the user `orthanc` (image 26.7.0 or newer).",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            ports: ["127.0.0.1:8042:8042"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
            ports: ["127.0.0.1:8042:8042"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """An Orthanc that asks for passwords has users."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or not orthancs.is_orthancteam_image(orthanc) or not orthanc.is_complete:
            continue
        if not orthancs.authenticates(orthanc) or orthanc.settings.get("RegisteredUsers"):
            continue
        if service.environment.has("ORTHANC_PASSWORD") or any(
            secrets.targets(service, "REGISTERED_USERS", "ORTHANC_PASSWORD", ".json")
        ):
            continue
        yield Finding(
            RULE,
            "Orthanc asks for a password, and neither `RegisteredUsers` nor `ORTHANC_PASSWORD` declares a user",
            service.image_place,
            "set `ORTHANC_PASSWORD` from a secret or from .env",
        )
