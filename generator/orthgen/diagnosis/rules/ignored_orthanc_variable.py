"""Variables with one underscore where the image of Orthanc reads two."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import configuration_keys, image_variables
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts.orthanc_keys import key_tree
from orthgen.findings import Change, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'
          VARIABLE: CLINIC
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
"""
RULE = Rule(
    "ignored-orthanc-variable",
    Severity.ERROR,
    summary="A variable for Orthanc's configuration has one underscore behind `ORTHANC`, or between two keys, where the image reads "
    "two; or it has small letters.",
    consequence="The setting has no effect, and the image does not say so: the default stays in force.",
    remedy="Write capital letters, and two underscores: `ORTHANC__REGISTERED_USERS`, `ORTHANC__DICOM_WEB__ROOT`.",
    file="docker-compose.yml",
    example=_FILES.replace("VARIABLE", "ORTHANC_DICOM_AET"),
    counterexample=_FILES.replace("VARIABLE", "ORTHANC__DICOM_AET"),
)
_PREFIX = "ORTHANC_"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The image reads every variable that names a key of the configuration."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or not orthancs.is_orthancteam_image(orthanc):
            continue
        for name in service.environment.value:
            upper = name.upper()
            if (
                not upper.startswith(_PREFIX)
                or name.startswith("ORTHANC__")
                or image_variables.key_path(name)
            ):
                continue
            better = f"ORTHANC__{upper.removeprefix(_PREFIX).removeprefix('_')}"
            path = image_variables.key_path(better)
            if path is not None and configuration_keys.knows(key_tree(orthanc), path):
                yield Finding(
                    RULE,
                    f"the image does not read `{name}`",
                    service.locate_variable(name),
                    f"write `{better}`",
                    replacement=containers.unused_name(service, better),
                    change=Change.NAME,
                )
