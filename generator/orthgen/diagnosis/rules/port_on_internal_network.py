"""A published port of a container that is on internal networks only."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    services:
      nginx:
        image: nginx:1.30.6
        ports: ["443:443"]
        networks: [inside, outside]
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}", ORTHANC__DICOM_ALWAYS_ALLOW_STORE: "false"}
        ports: ["4242:4242"]
        networks: NETWORKS
        volumes: ["orthanc:/var/lib/orthanc/db"]
    networks: {inside: {internal: true}, outside: }
    volumes: {orthanc: }
"""
RULE = Rule(
    "port-on-internal-network",
    Severity.ERROR,
    summary="A container publishes a port, and all its networks are `internal`: Docker publishes no port there.",
    consequence="No other machine reaches the port: modalities cannot send, browsers show `connection refused`.",
    remedy="Put the container on a second network that is not internal.",
    file="docker-compose.yml",
    example=_FILES.replace("NETWORKS", "[inside]"),
    counterexample=_FILES.replace("NETWORKS", "[inside, outside]"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A container with a published port is on a network that leads outside."""
    for service in deployment.services:
        if not service.ports or service.definition.get("network_mode") or not containers.is_whole(deployment):
            continue
        names = list(containers.networks_of(service))
        if all(containers.is_true(deployment.compose.get("networks", name, "internal")) for name in names):
            yield Finding(
                RULE,
                f"`{service.name}` publishes a port, and its networks are internal: {', '.join(f'`{name}`' for name in names)}",
                service.ports[0].location,
                "put it on a second network, which is not internal",
                related=((deployment.compose.locate(("networks", names[0], "internal")), names[0]),),
            )
