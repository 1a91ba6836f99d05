"""A modality, a peer or a DICOMweb server at `localhost`, seen from a container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
          ORTHANC_JSON: |
            {"DicomModalities": {"viewer": ["VIEWER", "HOST", 11112]}}
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
"""
RULE = Rule(
    "peer-on-localhost",
    Severity.WARNING,
    summary="Orthanc runs in a container, and looks for a modality, a peer or a DICOMweb server at `localhost`.",
    consequence="Orthanc cannot send to it, query it or move studies to it (`Connection refused`): in a container `localhost` is the "
    "container itself.",
    remedy="Write the address of the other machine, or the name of its service. A program on the host of the containers is at "
    '`host.docker.internal`, with `extra_hosts: ["host.docker.internal:host-gateway"]`.',
    file="docker-compose.yml",
    example=_FILES.replace("HOST", "localhost"),
    counterexample=_FILES.replace("HOST", "10.1.2.3"),
)
_SECTIONS: tuple[Path, ...] = (("DicomModalities",), ("OrthancPeers",), ("DicomWeb", "Servers"))


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc finds those to whom it sends."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        # Containers with `network_mode` share the loopback address of the host or of another container.
        if service is None or service.definition.get("network_mode") or _is_shared(deployment, service.name):
            continue
        for path in _SECTIONS:
            for name, value in mapping(orthanc.settings.get(*path)).items():
                part, host, port = _address(path, value)
                if addresses.is_loopback(host) and port not in _own_ports(orthanc):
                    yield Finding(
                        RULE,
                        f"`{name}` is at `{host}`: in a container that is the container itself",
                        orthanc.settings.locate((*path, name, part)),
                        "write the address of the other machine; for a program on the host `host.docker.internal`",
                        # A modality that only calls Orthanc needs no right address.
                        confidence=Confidence.LIKELY if path == _SECTIONS[0] else Confidence.CERTAIN,
                    )


def _is_shared(deployment: ObservedDeployment, name: str) -> bool:
    """Whether another container shares the network of this one."""
    return any(each.definition.get("network_mode") == f"service:{name}" for each in deployment.services)


def _own_ports(orthanc: Orthanc) -> set[str]:
    return {
        str(orthanc.settings.get(key) or default)
        for key, default in (("DicomPort", 4242), ("HttpPort", 8042))
    }


def _address(path: Path, value: object) -> tuple[str | int, str, str]:
    """The part of an entry with its address, the host and the port; empty texts where there is none."""
    is_modality = path == ("DicomModalities",)
    if isinstance(value, Mapping):
        part: str | int = "Host" if is_modality else "Url"
        text, port = str(value.get(part) or ""), value.get("Port")
    else:
        parts = [*as_list(value), "", "", ""]
        part = 1 if is_modality else 0
        text, port = str(parts[part]), parts[2]
    return (
        (part, text, str(port)) if is_modality else (part, addresses.host(text), str(addresses.port_of(text)))
    )
