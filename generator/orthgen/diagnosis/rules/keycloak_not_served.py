"""A path of Keycloak that the image orthanc-nginx does not serve."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "keycloak-not-served",
    Severity.ERROR,
    summary="People are sent to Keycloak behind the image `orthancteam/orthanc-nginx`, whose `ENABLE_KEYCLOAK` is not `true`.",
    consequence="The sign-in answers 404.",
    remedy='Set `ENABLE_KEYCLOAK: "true"` on the service of the reverse proxy.',
    file="docker-compose.yml",
    example="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_HTTPS: "true", ENABLE_ORTHANC: "false"}
            ports: ["443:443"]
          keycloak:
            image: orthancteam/orthanc-keycloak:26.4.1
            environment:
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_BOOTSTRAP_ADMIN_PASSWORD: ${ADMIN_PASSWORD:?}
    """,
    counterexample="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_HTTPS: "true", ENABLE_ORTHANC: "false", ENABLE_KEYCLOAK: "true"}
            ports: ["443:443"]
          keycloak:
            image: orthancteam/orthanc-keycloak:26.4.1
            environment:
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_BOOTSTRAP_ADMIN_PASSWORD: ${ADMIN_PASSWORD:?}
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The reverse proxy serves Keycloak where people are sent."""
    fronts = [
        each
        for each in deployment.services
        if containers.repository(each).startswith("orthancteam/orthanc-nginx")
    ]
    served = containers.service_at(deployment, "keycloak")
    for address in addresses.keycloak_addresses(deployment):
        if (
            len(fronts) == 1
            and served is not None
            and address.path == "/keycloak/"
            and fronts[0].variable("ENABLE_KEYCLOAK") != "true"
            and not any(containers.open_ports(served))
        ):
            yield Finding(
                RULE,
                f"people are sent to `{address.url}`, and the reverse proxy does not serve `/keycloak/`",
                fronts[0].locate_variable("ENABLE_KEYCLOAK"),
                'set `ENABLE_KEYCLOAK: "true"`',
                related=((address.location, address.name),),
            )
            return
