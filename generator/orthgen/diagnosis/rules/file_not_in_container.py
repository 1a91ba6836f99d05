"""Files that Orthanc's configuration names, and that its container does not have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts.containers import as_list
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
          ORTHANC__PYTHON_SCRIPT: /scripts/main.py
        volumes: VOLUMES
    volumes: {orthanc: }
"""
RULE = Rule(
    "file-not-in-container",
    Severity.ERROR,
    summary="Orthanc's configuration names a script or a certificate, and nothing is mounted there.",
    consequence="Orthanc does not find the file, and stops at its start.",
    remedy="Mount the file, or its folder, at the path that the configuration names.",
    file="docker-compose.yml",
    example=_FILES.replace("VOLUMES", '["orthanc:/var/lib/orthanc/db"]'),
    counterexample=_FILES.replace("VOLUMES", '["orthanc:/var/lib/orthanc/db", "./scripts:/scripts:ro"]'),
    is_about_absence=True,
)
_FILE_KEYS: tuple[Path, ...] = (
    ("PythonScript",),
    ("SslCertificate",),
    ("DicomTlsCertificate",),
    ("DicomTlsPrivateKey",),
    ("DicomTlsTrustedCertificates",),
)
_SWITCHES = {"SslCertificate": "SslEnabled", "DicomTlsCertificate": "DicomTlsEnabled"}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The container has every file that the configuration names."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or not orthancs.is_orthancteam_image(orthanc) or service.definition.get("build"):
            continue
        for path in _paths(orthanc):
            value = orthanc.settings.get(*path)
            if not isinstance(value, str) or not value.startswith("/") or "$" in value:
                continue
            if value.startswith(("/usr/", "/run/secrets/")) or any(containers.mounts_at(service, value)):
                continue
            yield Finding(
                RULE,
                f"`{path[0]}` is `{value}`, and nothing is mounted there",
                orthanc.settings.locate(path),
                f"mount the file at `{value}`",
                confidence=Confidence.LIKELY,
            )


def _paths(orthanc: Orthanc) -> Iterator[Path]:
    """The settings that name files, of features that are on."""
    for path in _FILE_KEYS:
        switch = _SWITCHES.get(str(path[0]))
        if switch is None or orthancs.is_on(orthanc, switch, default=False):
            yield path
    for index, _ in enumerate(as_list(orthanc.settings.get("LuaScripts"))):
        yield ("LuaScripts", index)
