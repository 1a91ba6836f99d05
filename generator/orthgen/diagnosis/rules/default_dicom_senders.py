"""A published DICOM port that takes images from every machine, by default."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "default-dicom-senders",
    Severity.NOTE,
    summary="The DICOM port is published, and nothing says who may store: by default every machine may.",
    consequence="Every machine in the network fills the archive, and can add images to any patient.",
    remedy='Write `"DicomAlwaysAllowStore": false` and list the senders in `DicomModalities`.',
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
            ports: ["4242:4242"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__DICOM_ALWAYS_ALLOW_STORE: "false"
            ports: ["4242:4242"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A published DICOM port says who may store."""
    for orthanc in deployment.orthancs:
        if (
            orthanc.service is None
            or not orthanc.is_complete
            or orthanc.settings.has("DicomAlwaysAllowStore")
        ):
            continue
        if not orthancs.is_on(orthanc, "DicomServerEnabled", default=True):
            continue
        dicom_port = orthancs.setting(orthanc, "DicomPort") or 4242
        port = next(
            containers.open_ports(
                orthanc.service, int(str(dicom_port)) if str(dicom_port).isdigit() else 4242
            ),
            None,
        )
        if port is not None:
            yield Finding(
                RULE,
                "by default every machine that reaches the DICOM port may store images",
                port.location,
                'write `"DicomAlwaysAllowStore": false` and list the senders in `DicomModalities`',
            )
