"""A DICOM port that is published by a web server."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product, Service

RULE = Rule(
    "dicom-port-on-proxy",
    Severity.ERROR,
    summary="A reverse proxy publishes a DICOM port, on which it does not listen.",
    consequence="Modalities cannot connect: images are not sent, and no log of Orthanc mentions them.",
    remedy="Publish the port on the service of Orthanc: `4242:4242`.",
    file="docker-compose.yml",
    example="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:24.9.0
            environment: {ENABLE_ORTHANC: "false"}
            ports: ["443:443", "4242:4242"]
    """,
    counterexample="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:24.9.0
            environment: {ENABLE_ORTHANC: "false"}
            ports: ["443:443"]
    """,
)
_DICOM = frozenset({"104", "4242", "11112"})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc publishes its DICOM port itself."""
    for service in containers.of_product(deployment, Product.NGINX):
        listened = {
            listen.arguments[0].rpartition(":")[2]
            for proxy in deployment.proxies
            if proxy.service is service
            for server in proxy.servers
            for listen in server.listens
            if listen.arguments
        }
        for port in service.ports:
            if port.target in _DICOM and port.target not in listened and not _has_stream(deployment, service):
                yield Finding(
                    RULE,
                    f"nginx does not listen on port {port.target}, which is a port for DICOM",
                    port.location,
                    "publish it on the service of Orthanc",
                )


def _has_stream(deployment: ObservedDeployment, service: Service) -> bool:
    """Whether nginx has a configuration of its own whose part about TCP streams may listen there."""
    # A text is redacted when it is read.
    texts = (deployment.texts[file] for file in deployment.texts if file.endswith(".conf"))
    return bool(service.mounts) and any("stream" in text and "listen" in text for text in texts)
