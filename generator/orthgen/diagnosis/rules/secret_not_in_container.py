"""Secrets of Orthanc that its container does not have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import image_variables
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
          ORTHANC__POSTGRESQL__HOST: db.example.org
          ORTHANC__POSTGRESQL__PASSWORD_SECRET: database_password
        secrets: [NAME]
        volumes: ["orthanc:/var/lib/orthanc/db"]
    secrets:
      NAME: {external: true}
    volumes: {orthanc: }
"""
RULE = Rule(
    "secret-not-in-container",
    Severity.ERROR,
    summary="A variable with `_SECRET` names a file below `/run/secrets`, and the container has no secret of that name.",
    consequence="The image says nothing, and the setting has no value: `fe_sendauth: no password supplied`, or 401.",
    remedy="Add the name to `secrets` of the service and of the file.",
    file="docker-compose.yml",
    example=_FILES.replace("NAME", "db_password"),
    counterexample=_FILES.replace("NAME", "database_password"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The files that hold secrets are in the container."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None or not orthancs.is_orthancteam_image(orthanc):
            continue
        targets = {mount.target for mount in service.mounts}
        for name, value in service.environment.value.items():
            setting = name.removesuffix("_SECRET")
            is_secret = name != setting and image_variables.key_path(setting) is not None
            if not is_secret or not isinstance(value, str) or not value or "$" in value:
                continue
            file = f"/run/secrets/{value}"
            if file not in targets and "/run/secrets" not in targets:
                yield Finding(
                    RULE,
                    f"`{name}` names `{file}`, and the container has no such secret",
                    service.locate_variable(name),
                    f"add `{value}` to `secrets` of the service",
                )
