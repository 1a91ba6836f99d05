"""The engine's socket inside a container."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "docker-socket-mounted",
    Severity.ERROR,
    summary="The socket of the container engine is mounted into a service that reads data of others.",
    consequence="An attacker in this container controls the host, with all other containers and files.",
    remedy="Remove the mount.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes:
              - orthanc:/var/lib/orthanc/db
              - /var/run/docker.sock:/var/run/docker.sock
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes:
              - orthanc:/var/lib/orthanc/db
        volumes: {orthanc: }
    """,
)
# They read labels of containers from it, which is their work.
_BY_DESIGN = frozenset({Product.TRAEFIK, Product.OTHER, Product.CADDY})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """No service of the stack reaches the engine."""
    for service in deployment.services:
        for mount in service.mounts if service.product not in _BY_DESIGN else ():
            if mount.source.endswith(("docker.sock", "podman.sock")):
                yield Finding(
                    RULE,
                    f"`{service.name}` can command the container engine",
                    mount.location,
                    "remove the mount",
                )
