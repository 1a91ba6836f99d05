"""A published port on which Orthanc does not listen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "port-without-listener",
    Severity.WARNING,
    summary="A port of Orthanc's container is published, and Orthanc does not listen on it.",
    consequence="Modalities or browsers cannot connect, and no log of Orthanc mentions them.",
    remedy="Publish the port that Orthanc listens on: `HttpPort` (8042) and `DicomPort` (4242) by default.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__DICOM_ALWAYS_ALLOW_STORE: "false"
            ports: ["104:104"]
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
            ports: ["104:4242"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc listens on every published port."""
    for orthanc in deployment.orthancs:
        if orthanc.service is None or not orthanc.is_complete or orthanc.settings.has("PythonScript"):
            continue
        listened = {str(orthancs.http_port(orthanc)), str(orthanc.settings.get("DicomPort") or 4242)}
        servers = containers.as_list(orthanc.settings.get("MultitenantDicom", "Servers"))
        listened |= {str(server.get("Port")) for server in servers if isinstance(server, Mapping)}
        for port in orthanc.service.ports:
            if port.target.isdigit() and port.target not in listened and port.protocol in {"", "tcp"}:
                names = " and ".join(sorted(listened))
                yield Finding(
                    RULE,
                    f"Orthanc does not listen on port {port.target}; it listens on {names}",
                    port.location,
                    "publish a port on which Orthanc listens",
                )
