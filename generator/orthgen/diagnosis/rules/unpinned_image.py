"""Images without a version."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "unpinned-image",
    Severity.WARNING,
    summary="The image has no version: no tag, or one like `latest` that moves.",
    consequence="`docker compose pull` changes Orthanc, its plugins or Keycloak without a decision: settings stop being read, "
    "databases are upgraded and do not go back.",
    remedy="Write the version that runs today: `docker compose images` shows it.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:latest
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    is_about_absence=True,
    is_advice=True,
)
_MOVING = frozenset(
    {
        "",
        "latest",
        "main",
        "master",
        "mainline",
        "edge",
        "nightly",
        "stable",
        "full",
        "latest-full",
        "main-full",
        "master-unstable",
        "alpine",
    }
)

_HINTS = {
    Product.ORTHANC: "write a version, as `:26.8.1`",
    Product.POSTGRES: "write the major version that made the data, as `:17`: a newer one does not start with them",
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Images of the stack have a version."""
    for service in deployment.services:
        image = service.image
        if (
            image is None
            or image.digest
            or service.product is Product.OTHER
            or service.definition.has("build")
        ):
            continue
        if image.tag in _MOVING and "$" not in image.repository + image.tag:
            text = f"the tag `{image.tag}` moves" if image.tag else "it has no tag, which means `latest`"
            yield Finding(
                RULE,
                f"`{image.repository}` has no version: {text}",
                image.location,
                _HINTS.get(service.product, "write a version"),
            )
