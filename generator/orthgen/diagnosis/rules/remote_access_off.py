"""An Orthanc in a container that answers its own container only."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

_FILES = """
    ==> docker-compose.yml <==
    services:
      orthanc:
        image: jodogne/orthanc-plugins:1.12.10
        ports: ["127.0.0.1:8042:8042"]
        volumes: ["./orthanc.json:/etc/orthanc/orthanc.json:ro", "orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
    ==> orthanc.json <==
    {"RemoteAccessAllowed": ALLOWED, "RegisteredUsers": {"reception": "${RECEPTION_PASSWORD}"}, "StorageDirectory": "/var/lib/orthanc/db"}
"""
RULE = Rule(
    "remote-access-off",
    Severity.ERROR,
    summary="Orthanc runs in a container, and `RemoteAccessAllowed` is false.",
    consequence="Orthanc answers 401 to every request from outside its container, also to those of the reverse proxy.",
    remedy='Write `"RemoteAccessAllowed": true`. A file of your own at `/etc/orthanc/` replaces that of the image, which allows it.',
    file="orthanc.json",
    example=_FILES.replace("ALLOWED", "false"),
    counterexample=_FILES.replace("ALLOWED", "true"),
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc answers other containers."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or containers.uses_host_network(service):
            continue
        is_written = orthanc.settings.has("RemoteAccessAllowed")
        if orthancs.is_on(orthanc, "RemoteAccessAllowed", default=not _lacks_it(orthanc)):
            continue
        replacement, change = orthancs.proposal(orthanc, True, "RemoteAccessAllowed")
        yield Finding(
            RULE,
            "`RemoteAccessAllowed` is false: Orthanc answers 401 to all but its own container"
            if is_written
            else "`RemoteAccessAllowed` is not set, and false by default: Orthanc answers 401 to all but its own container",
            orthancs.place(orthanc, "RemoteAccessAllowed"),
            'write `"RemoteAccessAllowed": true`',
            replacement=replacement,
            change=change if not is_written else EditKind.VALUE,
            confidence=Confidence.CERTAIN if is_written else Confidence.LIKELY,
        )


def _lacks_it(orthanc: Orthanc) -> bool:
    """Whether a file of one's own replaces that of the official image, and does not have the setting."""
    return (
        orthanc.is_complete
        and containers.repository(orthanc.service) in {"jodogne/orthanc", "jodogne/orthanc-plugins"}
        and bool(orthanc.settings.value)
        and not orthanc.settings.has("RemoteAccessAllowed")
    )
