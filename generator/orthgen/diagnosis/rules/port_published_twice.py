"""A port of the host that two services publish."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Port, Service

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        ports: ["127.0.0.1:8042:8042"]
        environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
        volumes: ["orthanc:/var/lib/orthanc/db"]
      research:
        image: orthancteam/orthanc:26.8.1
        ports: ["127.0.0.1:PORT:8042"]
        environment: {ORTHANC__REGISTERED_USERS: '{"research": "${RESEARCH_PASSWORD:?}"}'}
        volumes: ["research:/var/lib/orthanc/db"]
    volumes: {orthanc: , research: }
"""
RULE = Rule(
    "port-published-twice",
    Severity.ERROR,
    summary="Two services publish the same port of the host.",
    consequence="One of the two does not start: `Bind for 0.0.0.0:8042 failed: port is already allocated`.",
    remedy="Write another port in front of the colon of one of them.",
    file="docker-compose.yml",
    example=_FILES.replace("PORT", "8042"),
    counterexample=_FILES.replace("PORT", "8043"),
)
_EVERY = frozenset({"", "0.0.0.0", "::", "[::]"})  # noqa: S104 - compared, never bound to


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Each port of the host leads to one service."""
    published: dict[tuple[str, str, str], list[tuple[Service, Port]]] = {}
    for service in deployment.services:
        if service.definition.get("profiles"):
            continue  # the services of two profiles may never run together
        project = containers.project(service)
        for port in service.ports:
            if not port.published.isdigit():
                continue
            alike = published.setdefault((project, port.published, port.protocol), [])
            other = next(
                (each for each in alike if each[0] is not service and _overlap(each[1], port)),
                None,
            )
            if other is not None:
                yield Finding(
                    RULE,
                    f"`{service.name}` and `{other[0].name}` publish port {port.published}",
                    port.location,
                    "write another port in front of the colon",
                    related=((other[1].location, other[0].name),),
                    confidence=Confidence.LIKELY,
                )
            alike.append((service, port))


def _overlap(first: Port, second: Port) -> bool:
    """Whether two bindings of one port of the host exclude each other."""
    return first.host == second.host or first.host in _EVERY or second.host in _EVERY
