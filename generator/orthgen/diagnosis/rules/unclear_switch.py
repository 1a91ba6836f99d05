"""A switch of an image whose value is another word than the image expects."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "unclear-switch",
    Severity.ERROR,
    summary="A switch of an image is neither `true` nor `false`. The image of Orthanc loads a plugin for every word but `false`; the "
    "images of the reverse proxy and of the auth-service turn something on for `true` only.",
    consequence="The plugin loads although it was meant to be off; or the path is not served, and the function is off.",
    remedy='Write `"true"` or `"false"`, in small letters; in a list of variables without quotes (`- ENABLE_HTTPS=true`).',
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              HOUSEKEEPER_PLUGIN_ENABLED: "False"
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              HOUSEKEEPER_PLUGIN_ENABLED: "false"
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)
_OFF = frozenset({"false", "0", "no", "off", "n", "disabled"})
_ON = frozenset({"true", "1", "yes", "on", "y", "enabled"})
# Switches about which another rule says what does not work.
_ELSEWHERE = frozenset({"ENABLE_KEYCLOAK", "ENABLE_OHIF"})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """
    Each switch has a value that its image takes as it was meant.

    Image orthancteam/orthanc 26.8.1: configurator.py compares with `false`. Images orthanc-nginx 26.4.1
    (copy-conf-files.sh) and orthanc-auth-service 26.4.1 (app.py): they compare with `true`.
    """
    for service in deployment.services:
        image = containers.repository(service)
        takes_all = image in orthancs.ORTHANCTEAM_IMAGES
        if not takes_all and not image.startswith(
            ("orthancteam/orthanc-nginx", "orthancteam/orthanc-auth-service")
        ):
            continue
        for name, value in service.environment.value.items():
            is_switch = name.endswith("_PLUGIN_ENABLED") if takes_all else name.startswith("ENABLE_")
            better, effect = _meaning(str(value), takes_all=takes_all)
            if is_switch and better and name not in _ELSEWHERE:
                yield Finding(
                    RULE,
                    f"`{name}` is `{value}`: {effect}",
                    service.locate_variable(name),
                    f'write `"{better}"`',
                )


def _meaning(value: str, *, takes_all: bool) -> tuple[str, str]:
    """The word that was meant, and what the image does instead; empty where it does what was meant."""
    word = value.strip().strip("\"'").lower()
    if takes_all and word in _OFF and value != "false":
        return "false", "the image loads the plugin for every word but `false`"
    if not takes_all and word in _ON and value != "true":
        return "true", "the image knows `true` only"
    return "", ""
