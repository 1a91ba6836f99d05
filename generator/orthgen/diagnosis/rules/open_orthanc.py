"""An Orthanc that asks for nothing, and that other machines reach."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "open-orthanc",
    Severity.ERROR,
    summary="Orthanc asks neither for a password nor the authorization plugin, and other machines reach it.",
    consequence="Everybody in the network reads, changes and deletes every study.",
    remedy="Set `AuthenticationEnabled` to true with `RegisteredUsers`, or configure the authorization plugin. Publish Orthanc's "
    "port on `127.0.0.1` only.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
            ports: ["8042:8042"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
            ports: ["127.0.0.1:8042:8042"]
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Other machines reach Orthanc only where it asks for something."""
    for orthanc in deployment.orthancs:
        if (
            orthancs.authenticates(orthanc)
            or orthancs.filters(orthanc)
            or not orthancs.allows_remote(orthanc)
        ):
            continue
        if orthancs.section(orthanc, "Authorization") and orthancs.loads(orthanc, "Authorization"):
            continue  # `authorization-without-filter` names the cause
        if orthancs.is_on(orthanc, "OrthancExplorer2", "Keycloak", "Enable", default=False):
            continue  # `sign-in-without-filter` names the cause
        related = ((orthancs.place(orthanc, "AuthenticationEnabled"), "AuthenticationEnabled"),)
        if orthanc.service is not None:
            port = next(containers.open_ports(orthanc.service, orthancs.http_port(orthanc)), None)
            if port is not None or containers.uses_host_network(orthanc.service):
                location = (
                    port.location if port is not None else orthancs.place(orthanc, "AuthenticationEnabled")
                )
                yield Finding(
                    RULE,
                    "the port of an Orthanc that asks for no password is published",
                    location,
                    "publish it on 127.0.0.1, and set `AuthenticationEnabled` to true",
                    related=related,
                )
        elif orthanc.is_complete and not deployment.proxies:
            yield Finding(
                RULE,
                "Orthanc answers every machine that reaches it, and asks for no password",
                related[0][0],
                "set `AuthenticationEnabled` to true, or let only a reverse proxy reach it",
                confidence=Confidence.LIKELY,
            )
