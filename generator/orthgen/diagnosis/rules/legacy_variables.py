"""Variables of Orthanc's image by their names of before 2020."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.catalogue import at_least, image_variables
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

REFUSED = Rule(
    "refused-legacy-variable",
    Severity.ERROR,
    summary="The image 26.7.0 and newer refuses variables by their old names.",
    consequence="The container stops at start: `you are using deprecated settings`.",
    remedy="Write the variable that the finding names.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              DICOM_AET: PACS
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__DICOM_AET: PACS
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)
OLD = Rule(
    "legacy-variable",
    Severity.WARNING,
    summary="The variable has the name of before 2020, which images from 26.7.0 on refuse.",
    consequence="After an update of the image the container stops at start.",
    remedy="Write the variable that the finding names.",
    file="docker-compose.yml",
    example=REFUSED.example.replace("26.8.1", "26.6.1").replace(
        "ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}",
        'ORTHANC__REGISTERED_USERS: \'{"reception": "${RECEPTION_PASSWORD:?}"}\'',
    ),
    counterexample=REFUSED.counterexample.replace("26.8.1", "26.6.1").replace(
        "ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}",
        'ORTHANC__REGISTERED_USERS: \'{"reception": "${RECEPTION_PASSWORD:?}"}\'',
    ),
    also=("vulnerable-image",),
)
RULES = (REFUSED, OLD)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Variables have their present names."""
    legacy = image_variables.legacy_variables()
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or not orthancs.is_orthancteam_image(orthanc):
            continue
        tag = containers.version(service)
        is_refused = (
            bool(tag) and at_least(tag, "26.7.0") and containers.repository(service) == "orthancteam/orthanc"
        )
        for name in service.environment.value:
            if name in legacy:
                new = _variable(legacy[name])
                yield Finding(
                    REFUSED if is_refused else OLD,
                    f"`{name}` is the old name of `{new}`"
                    + (", and this image does not start with it" if is_refused else ""),
                    service.locate_variable(name),
                    f"write `{new}`",
                    replacement=containers.unused_name(service, new),
                    change=EditKind.NAME,
                )


def _variable(key: str) -> str:
    """The variable that sets a key of the configuration, or the variable itself where it is one."""
    if key.isupper():
        return key
    words = (re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", part).upper() for part in key.split("."))
    return "ORTHANC__" + "__".join(words).replace("POSTGRE_SQL", "POSTGRESQL")
