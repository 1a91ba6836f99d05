"""Checks of the ports that the host publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity
from orthgen.profile.host_ports import host_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.host_ports import HostPort


LOCAL_PORT_WITHOUT_KEYCLOAK = Rule(
    "local-port-without-keycloak",
    Severity.ERROR,
    summary="`local-port` leads to the Keycloak of the deployment, and the profile names a Keycloak "
    "elsewhere.",
    remedy="Remove `local-port`, or remove `server`.",
    example="""
        identity: {keycloak: {server: https://sso.example.org, local-port: 8081}}
    """,
)


def local_port_is_for_an_own_keycloak(context: CheckContext) -> Iterator[Finding]:
    """A port that leads to Keycloak is for a Keycloak that the deployment carries."""
    keycloak = context.profile.identity.keycloak
    if keycloak.local_port is not None and keycloak.server is not None:
        path = ("identity", "keycloak", "local-port")
        message = "the deployment carries no Keycloak that this port could lead to"
        yield context.finding(LOCAL_PORT_WITHOUT_KEYCLOAK, path, message, "remove `local-port`, or `server`")


PORT_OUT_OF_RANGE = Rule(
    "port-out-of-range",
    Severity.ERROR,
    summary="Each AET that gathers gets a port of its own, counted up from `collections-port`, and "
    "the last one is above 65535.",
    remedy="Choose a lower `collections-port`.",
    example="""
        archive: {dicom: {collections-port: 65535}, modalities: {ct: {aet: CT, host: 10.0.0.1}}}
        collections: {cardio: {gather: [called-aet: CARDIO, called-aet: HEART]}}
    """,
)
DUPLICATE_PORT = Rule(
    "duplicate-port",
    Severity.ERROR,
    summary="Two services of the deployment are published at the same port of the host.",
    remedy="Choose another port for one of them.",
    example="""
        archive: {dicom: {port: 80, publish: true}}
    """,
)


def ports_are_distinct(context: CheckContext) -> Iterator[Finding]:
    """Nothing is published twice on the host: neither what the author wrote nor what follows from it."""
    taken: list[HostPort] = []
    ports = host_ports(context.profile)
    # In a cluster, nginx has a Service of its own, and only the ports of DICOM share one.
    in_cluster = context.profile.deployment.kubernetes is not None
    for port in ports.of_dicom() if in_cluster else ports.all():
        conflict = next((before for before in taken if port.meets(before)), None)
        if port.port > 65535:
            message = f"there is no port {port.port} for {port.name}"
            yield context.finding(PORT_OUT_OF_RANGE, port.path, message, "choose a lower `collections-port`")
        elif conflict is not None:
            # Where one of the two is a default, the other is what the author can change.
            at, owner = (port, conflict) if port.is_written or not conflict.is_written else (conflict, port)
            message = f"port {at.port} is that of {owner.name} already"
            yield context.finding(DUPLICATE_PORT, at.path, message, "choose another port")
        taken.append(port)
