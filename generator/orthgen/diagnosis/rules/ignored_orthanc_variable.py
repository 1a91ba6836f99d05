"""Variables of Orthanc's image whose words are not those of a key."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import image_variables
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts.orthanc_keys import meant_variable
from orthgen.findings import Confidence, EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, SourceKind
from orthgen.observed.shown_texts import ShownTexts

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
    summary="A variable for Orthanc's configuration sets no key, because of its underscores: the image reads two behind `ORTHANC` and "
    "between two keys, and one between the words of a key. `ORTHANC__DicomWeb__Enable` sets `Dicomweb.Enable`, which nothing reads. It does not know the ending `_FILE`, either.",
    consequence="The setting has no effect, and the image does not say so: the default stays in force.",
    remedy="Write capital letters, and the underscores as in `ORTHANC__REGISTERED_USERS` and `ORTHANC__DICOM_WEB__ROOT`.",
    file="docker-compose.yml",
    example=_FILES.replace("VARIABLE", "ORTHANC_DICOM_AET"),
    counterexample=_FILES.replace("VARIABLE", "ORTHANC__DICOM_AET"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The image reads every variable that names a key of the configuration."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        # Of pasted variables the image is not seen; no other one reads such names.
        if service is None or not (service.image is None or orthancs.is_orthancteam_image(orthanc)):
            continue
        for name in service.environment.value:
            better = meant_variable(orthanc, name) if name.upper().startswith("ORTHANC_") else None
            path = image_variables.key_path(name)
            if better is not None and (path is not None or not _is_inserted(deployment, name)):
                yield Finding(
                    RULE,
                    f"the image does not read `{name}`"
                    if path is None
                    else f"`{name}` sets `{'.'.join(path)}`, which Orthanc does not read",
                    service.locate_variable(name),
                    f"write `{better}`"
                    if not better.endswith("_SECRET")
                    else f"write `{better}`, with the name of a secret below `/run/secrets` as its value",
                    replacement="" if better.endswith("_SECRET") else containers.unused_name(service, better),
                    change=EditKind.NAME,
                    confidence=Confidence.LIKELY
                    if path is None and orthanc.settings.has("PythonScript")
                    else Confidence.CERTAIN,
                )


def _is_inserted(deployment: ObservedDeployment, name: str) -> bool:
    """Whether a configuration file inserts the variable (`${NAME}`)."""
    texts = deployment.texts
    files = (source.file for source in deployment.sources if source.kind is SourceKind.ORTHANC)
    return isinstance(texts, ShownTexts) and any(texts.inserts(file, name) for file in files)
