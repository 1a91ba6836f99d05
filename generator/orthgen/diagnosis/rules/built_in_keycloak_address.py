"""The address that is built into an image of Keycloak."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "built-in-keycloak-address",
    Severity.WARNING,
    summary="The image `orthancteam/orthanc-keycloak` runs without `KC_HOSTNAME`, so that `http://localhost/keycloak` is in force.",
    consequence="The sign-in works on the server itself. On other machines it stays blank, because pages lead to `localhost`.",
    remedy="Set `KC_HOSTNAME` to the public address of Keycloak, the same as `OrthancExplorer2.Keycloak.Url`.",
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: orthancteam/orthanc-keycloak:26.4.1
            environment:
              KC_BOOTSTRAP_ADMIN_PASSWORD: ${ADMIN_PASSWORD:?}
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_ORTHANC: "false", ENABLE_KEYCLOAK: "true", ENABLE_HTTPS: "true"}
            ports: ["443:443"]
    """,
    counterexample="""
        services:
          keycloak:
            image: orthancteam/orthanc-keycloak:26.4.1
            environment:
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_BOOTSTRAP_ADMIN_PASSWORD: ${ADMIN_PASSWORD:?}
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_ORTHANC: "false", ENABLE_KEYCLOAK: "true", ENABLE_HTTPS: "true"}
            ports: ["443:443"]
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The image has a public address of its own."""
    if not containers.is_published(deployment):
        return
    for _, service in keycloak.servers(deployment):
        if (
            keycloak.is_orthancteam_image(service)
            and keycloak.option(service, "hostname") is None
            and not service.environment.has("KC_HOSTNAME_URL")
        ):
            yield Finding(
                RULE,
                "without `KC_HOSTNAME` this image sends browsers to `http://localhost/keycloak`",
                service.image_place,
                "set `KC_HOSTNAME` to Keycloak's public address",
            )
