"""A configuration that the image does not read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.catalogue import image_variables
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service

RULE = Rule(
    "configuration-not-read",
    Severity.ERROR,
    summary="Orthanc's configuration is mounted where the image `orthancteam/orthanc` does not read it.",
    consequence="The settings have no effect: Orthanc runs with defaults, and its users are not the ones in the file.",
    remedy="Mount the file at `/etc/orthanc/orthanc.json`: the image reads `/etc/orthanc/*.json` and `/run/secrets/*.json`.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes:
              - orthanc:/var/lib/orthanc/db
              - ./orthanc.json:/etc/orthanc.json:ro
        volumes: {orthanc: }
        ==> orthanc.json <==
        {"Name": "PACS", "DicomAet": "PACS"}
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes:
              - orthanc:/var/lib/orthanc/db
              - ./orthanc.json:/etc/orthanc/orthanc.json:ro
        volumes: {orthanc: }
        ==> orthanc.json <==
        {"Name": "PACS", "DicomAet": "PACS"}
    """,
)
_READ = re.compile(r"(?:/etc/orthanc|/run/secrets)(?:/[^/]+\.json)?/?")
_CONFIGURATION = re.compile(r"orthanc[^/]*\.jsonc?$|(?:^|/)(?:configuration|config)\.json$", re.IGNORECASE)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The image reads every configuration that is mounted."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if (
            service is None
            or not orthancs.is_orthancteam_image(orthanc)
            or service.definition.get("entrypoint")
        ):
            continue
        yield from _unread_secrets(deployment, service)
        command = str(service.definition.get("command") or "")
        yield from _unread_folders(service)
        for mount in service.mounts:
            if (
                mount.kind not in {"bind", "config"}
                or not _CONFIGURATION.search(mount.target)
                or _READ.fullmatch(mount.target)
            ):
                continue
            if mount.target in command or re.match(r"/(?:etc/orthanc|usr/share|var/lib)/.+/", mount.target):
                continue  # a file of a plugin or of a script, in a folder of its own
            name = mount.target.rpartition("/")[2].removesuffix("c")
            yield Finding(
                RULE,
                f"the image does not read `{mount.target}`",
                mount.location,
                f"mount it at `/etc/orthanc/{name}`",
                replacement=f"/etc/orthanc/{name}",
                replaced=mount.target,
            )


def _unread_folders(service: Service) -> Iterator[Finding]:
    """Folders with ConfigMaps, outside of the folder that the image reads."""
    for mount in service.mounts:
        inside = [path for path in service.configured if path.startswith(f"{mount.target.rstrip('/')}/")]
        unread = [path for path in inside if _CONFIGURATION.search(path) and not _READ.fullmatch(path)]
        if mount.kind == "config" and unread and not mount.target.startswith("/etc/orthanc/"):
            yield Finding(
                RULE,
                f"the image does not read `{unread[0]}`",
                mount.location,
                "mount the volume at `/etc/orthanc`",
            )


def _unread_secrets(deployment: ObservedDeployment, service: Service) -> Iterator[Finding]:
    """Secrets with configuration in JSON below a name that the image does not read (orthanc-builder 26.8.1, configurator.py)."""
    named = {str(value) for name, value in service.environment.value.items() if name.endswith("_SECRET")}
    for mount in service.mounts:
        name = mount.target.removeprefix("/run/secrets/")
        file = str(deployment.compose.get("secrets", mount.source, "file") or "")
        is_known = name in named or image_variables.key_path(name) is not None
        if mount.kind == "secret" and file.endswith(".json") and not name.endswith(".json") and not is_known:
            yield Finding(
                RULE,
                f"the image does not read `{mount.target}`: it reads `/run/secrets/*.json`",
                mount.location,
                f"write `{{source: {mount.source}, target: {name}.json}}`",
                confidence=Confidence.LIKELY,
            )
