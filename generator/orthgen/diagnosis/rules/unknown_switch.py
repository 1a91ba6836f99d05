"""Variables of images that switch nothing."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import (
    image_variables,
    load,
    releases,
)
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import Vocabulary

RULE = Rule(
    "unknown-switch",
    Severity.WARNING,
    summary="The image of Orthanc, or of the reverse proxy `orthancteam/orthanc-nginx`, does not know this switch.",
    consequence="The plugin is not loaded, or the path is not served.",
    remedy="Write the variable that the finding names.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              STONE_WEBVIEWER_PLUGIN_ENABLED: "true"
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              STONE_WEB_VIEWER_PLUGIN_ENABLED: "true"
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)
_NGINX = Vocabulary(
    (
        "ENABLE_HTTPS",
        "ENABLE_ORTHANC",
        "ENABLE_ORTHANC_FOR_API",
        "ENABLE_ORTHANC_FOR_SHARES",
        "ENABLE_KEYCLOAK",
        "ENABLE_ORTHANC_TOKEN_SERVICE",
        "ENABLE_OHIF",
        "ENABLE_MEDDREAM",
        "ENABLE_CLIENT_CERTIFICATE",
        "PROXY_READ_TIMEOUT",
    )
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Every switch switches something."""
    for service in deployment.services:
        if containers.repository(service) in orthancs.ORTHANCTEAM_IMAGES:
            known = Vocabulary(
                plugin.variable for name in releases() for plugin in load(name).plugins().values()
            )
            names = [name for name in service.environment.value if _is_switch(name, known)]
        elif containers.repository(service).startswith("orthancteam/orthanc-nginx"):
            known = _NGINX
            names = [name for name in service.environment.value if name.startswith("ENABLE_")]
        else:
            continue
        for name in names:
            if name not in known and name not in image_variables.legacy_variables():
                close = known.nearest(name)
                yield Finding(
                    RULE,
                    f"the image knows no switch `{name}`",
                    service.locate_variable(name),
                    f"did you mean `{close}`?" if close else "remove it",
                    replacement=containers.unused_name(service, close),
                    change=EditKind.NAME,
                )


def _is_switch(name: str, known: Vocabulary) -> bool:
    """Whether a variable is meant as a switch of a plugin, be its end misspelt."""
    is_like_one = "PLUGIN_ENABLE" in name.upper() and not name.startswith("ORTHANC__")
    return name.endswith("_PLUGIN_ENABLED") or (is_like_one and known.nearest(name) is not None)
