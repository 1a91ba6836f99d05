"""Files of the auth-service at a path where it does not look."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:26.4.1
        environment: {SECRET_KEY: "${SECRET_KEY:?}", USERS: "${USERS:?}"}
        volumes:
          - ./permissions.json:/orthanc_auth_service/TARGET
          - ./anonymous.json:/orthanc_auth_service/anonymous-profile.json
"""
RULE = Rule(
    "permissions-not-read",
    Severity.ERROR,
    summary="The permissions or the anonymous profile are mounted at another path than the auth-service reads.",
    consequence="The auth-service does not start, or the roles of the image are in force: people sign in and see no study.",
    remedy="Mount the file at `/orthanc_auth_service/permissions.json` (`…/anonymous-profile.json`), or write its path into "
    "`PERMISSIONS_FILE_PATH` (`ANONYMOUS_PROFILE_FILE_PATH`).",
    file="docker-compose.yml",
    example=_FILES.replace("TARGET", "permissions.jsonc"),
    counterexample=_FILES.replace("TARGET", "permissions.json"),
)
_FOLDER = "/orthanc_auth_service/"
_KINDS = (
    ("PERMISSIONS_FILE_PATH", f"{_FOLDER}permissions.json", "permissions"),
    ("ANONYMOUS_PROFILE_FILE_PATH", f"{_FOLDER}anonymous-profile.json", "anonymous"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service reads what is mounted for it."""
    for service in addresses.auth_services(deployment):
        if containers.repository(service) != "orthancteam/orthanc-auth-service":
            continue
        for variable, shipped, word in _KINDS:
            path = service.variable(variable) or shipped
            if "$" in path or any(containers.mounts_at(service, path)):
                continue
            mount = next((each for each in service.mounts if word in each.target.rpartition("/")[2]), None)
            if path != shipped:
                yield Finding(
                    RULE,
                    f"nothing is mounted at `{path}`, where the auth-service looks",
                    service.locate_variable(variable),
                    f"write `{mount.target}`" if mount is not None else f"mount the file at `{path}`",
                    replacement=mount.target if mount is not None else "",
                )
            elif mount is not None:
                yield Finding(
                    RULE,
                    f"the auth-service reads `{path}`, not `{mount.target}`",
                    mount.location,
                    f"mount it at `{path}`",
                    replacement=path,
                    replaced=mount.target,
                )
