"""A read-only container without a place for the files that its program writes."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts.orthanc import ORTHANCTEAM_IMAGES
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        read_only: true
        environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
        volumes: ["orthanc:/var/lib/orthanc/db"]TMPFS
    volumes: {orthanc: }
"""
RULE = Rule(
    "read-only-without-tmpfs",
    Severity.ERROR,
    summary="The file system of the container is read-only, and its program writes files where nothing is mounted: Orthanc's image writes "
    "`/tmp/orthanc.json`, nginx writes below `/var/cache/nginx`.",
    consequence="The container stops at its start: `Read-only file system`.",
    remedy="Add `tmpfs: [/tmp]` for Orthanc, `tmpfs: [/var/cache/nginx, /run]` for nginx.",
    file="docker-compose.yml",
    example=_FILES.replace("TMPFS", ""),
    counterexample=_FILES.replace("TMPFS", "\n        tmpfs: [/tmp]"),
)
_WRITTEN = {**dict.fromkeys(ORTHANCTEAM_IMAGES, "/tmp"), "nginx": "/var/cache/nginx"}  # noqa: S108 - in the container


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A read-only container has room for what its program writes."""
    for service in deployment.services:
        folder = _WRITTEN.get(containers.repository(service))
        if folder is None or service.definition.get("read_only") is not True or _is_own(service):
            continue
        if not containers.keeps(service, folder):
            yield Finding(
                RULE,
                f"the container is read-only, and `{containers.repository(service)}` writes below `{folder}`",
                service.definition.locate(("read_only",)),
                f"add `tmpfs: [{folder}]`",
                confidence=Confidence.LIKELY,
            )


def _is_own(service: Service) -> bool:
    """Whether a command, or a main file of nginx, may put the files elsewhere."""
    has_main = any(mount.target == "/etc/nginx/nginx.conf" for mount in service.mounts)
    return has_main or any(service.definition.get(key) for key in ("build", "command", "entrypoint"))
