"""An address with https that the plugin of the release cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "https-to-auth-service",
    Severity.ERROR,
    summary="The address of the auth-service is `https://`, which the authorization plugin supports from 0.9.1 on.",
    consequence="The plugin cannot ask the auth-service: Orthanc answers 403 to everybody.",
    remedy="Take the image `orthancteam/orthanc:25.4.2` or newer, or the address inside the Compose network: `http://NAME:8000/`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:25.2.0
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
              ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: https://auth.example.org/
              ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
              ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["orthanc-explorer-2"]'
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
              ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: https://auth.example.org/
              ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
              ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["orthanc-explorer-2"]'
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    also=("vulnerable-image",),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The plugin of the release can use the address."""
    for orthanc in deployment.orthancs:
        url = orthancs.setting(orthanc, "Authorization", "WebServiceRootUrl")
        if (
            isinstance(url, str)
            and url.startswith("https://")
            and orthancs.plugin_is_before(orthanc, "0.9.1")
        ):
            has = orthancs.component_version(orthanc, "authorization")
            related = ((orthanc.service.image_place, "the image"),) if orthanc.service is not None else ()
            yield Finding(
                RULE,
                f"the authorization plugin {has} cannot ask an `https://` address",
                orthancs.place(orthanc, "Authorization", "WebServiceRootUrl"),
                "take a newer image, or the address inside the Compose network",
                related=related,
            )
