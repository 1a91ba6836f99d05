"""Orthanc's own port beside a reverse proxy."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "published-orthanc-port",
    Severity.WARNING,
    summary="Orthanc's HTTP port is published to other machines, unencrypted.",
    consequence="Passwords, tokens and images cross the network readably, and requests to this port pass by the reverse proxy "
    "and all that it checks.",
    remedy="Remove the port from `ports`, or bind it to `127.0.0.1`; let the reverse proxy publish https.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
            ports: ["8042:8042", "4242:4242"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
            ports: ["127.0.0.1:8042:8042", "4242:4242"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    also=("default-dicom-senders",),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Only a reverse proxy publishes Orthanc."""
    for orthanc in deployment.orthancs:
        if orthanc.service is None or orthancs.is_on(orthanc, "SslEnabled", default=False):
            continue
        if not orthancs.authenticates(orthanc) and not orthancs.filters(orthanc):
            continue  # `open-orthanc` says more
        for port in containers.open_ports(orthanc.service, orthancs.http_port(orthanc)):
            written = map(str, as_list(orthanc.service.definition.get("ports")))
            is_short = f"{port.host}:{port.published}:{port.target}".removeprefix(":") in written
            yield Finding(
                RULE,
                f"port {port.published} leads to Orthanc without encryption, past the reverse proxy"
                if deployment.proxies
                else f"port {port.published} leads to Orthanc without encryption",
                port.location,
                f"write `127.0.0.1:{port.published}:{port.target}`, or remove it",
                replacement=f"127.0.0.1:{port.published}:{port.target}" if is_short else "",
            )
