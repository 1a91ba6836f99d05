"""A folder that is mounted over the program of an image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Mount, Service

RULE = Rule(
    "mount-hides-program",
    Severity.ERROR,
    summary="A folder is mounted over the folder in which the image has its program, or a file is mounted over a folder of the image.",
    consequence="The container does not start, because its program is hidden (`No such file or directory`); or the engine refuses the "
    "mount (`trying to mount a directory onto a file`).",
    remedy="Mount the single file: `./permissions.json:/orthanc_auth_service/permissions.json`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment: {SECRET_KEY: "${SECRET_KEY:?}", USERS: "${USERS:?}"}
            volumes: ["./auth:/orthanc_auth_service"]
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment: {SECRET_KEY: "${SECRET_KEY:?}", USERS: "${USERS:?}"}
            volumes:
              - ./auth/permissions.json:/orthanc_auth_service/permissions.json
              - ./auth/anonymous.json:/orthanc_auth_service/anonymous-profile.json:ro
    """,
)
_ORTHANC_PROGRAM = ("/usr/share/orthanc/plugins-available", "/startup", "/probes")
# The folders of programs, by image: Dockerfiles of orthancteam/orthanc 26.8.1, orthanc-auth-service and ohif-v3 26.4.1,
# ohif/app 3.12, keycloak 26.7.
_PROGRAMS = {
    **dict.fromkeys(orthancs.ORTHANCTEAM_IMAGES, _ORTHANC_PROGRAM),
    "orthancteam/orthanc-auth-service": ("/orthanc_auth_service",),
    "orthancteam/ohif-v3": ("/usr/share/nginx/html",),
    "ohif/app": ("/usr/share/nginx/html",),
    "keycloak/keycloak": ("/opt/keycloak", "/opt/keycloak/lib"),
    "orthancteam/orthanc-keycloak": ("/opt/keycloak", "/opt/keycloak/lib"),
}
# Folders of images over which no file can be mounted.
_FOLDERS = frozenset(
    {"/etc/orthanc", "/etc/nginx/conf.d", "/etc/nginx", "/orthanc_auth_service", "/opt/keycloak/data/import"}
)
_FILE_ENDS = frozenset({".json", ".jsonc", ".conf", ".js"})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """No mount hides the program of its container."""
    for service in deployment.services:
        for mount in service.mounts:
            problem = _problem(service, mount)
            if problem:
                name = PurePosixPath(mount.source).name
                is_file = PurePosixPath(name).suffix in _FILE_ENDS
                yield Finding(
                    RULE,
                    problem,
                    mount.location,
                    f"mount it at `{mount.target.rstrip('/')}/{name}`"
                    if is_file
                    else "mount its files one by one",
                    confidence=Confidence.CERTAIN if is_file else Confidence.LIKELY,
                )


def _problem(service: Service, mount: Mount) -> str:
    """What the mount hides; empty where it hides nothing."""
    target = mount.target.rstrip("/")
    is_file = PurePosixPath(mount.source).suffix in _FILE_ENDS
    if mount.kind == "bind" and is_file and target in _FOLDERS:
        return f"`{mount.source}` is a file, and `{target}` is a folder of the image"
    if mount.kind == "bind" and not is_file and target in _PROGRAMS.get(containers.repository(service), ()):
        return f"`{mount.source}` hides `{target}`, in which the image has its program"
    return ""
