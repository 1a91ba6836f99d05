"""A public path to the auth-service."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "public-auth-service",
    Severity.ERROR,
    summary="The auth-service is published: by a port, by the reverse proxy, or by `ENABLE_ORTHANC_TOKEN_SERVICE`.",
    consequence="Everybody who knows or guesses its password makes links to every study, for any time.",
    remedy="Remove the port and the route: only Orthanc asks the auth-service, inside the Compose network.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
            ports: ["8000:8000"]
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
            ports: ["127.0.0.1:8000:8000"]
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Only Orthanc reaches the auth-service."""
    for service in containers.of_product(deployment, Product.AUTH_SERVICE):
        for port in containers.open_ports(service):
            yield Finding(
                RULE, f"port {port.published} leads to the auth-service", port.location, "remove it"
            )
    for proxy, _, location in routing.routes(deployment, Product.AUTH_SERVICE):
        if routing.is_built_in(proxy):
            continue
        if not location.directive("internal") and not location.directive("deny"):
            yield Finding(
                RULE, f"`{location.path}` leads to the auth-service", location.location, "remove the location"
            )
    for service in containers.of_product(deployment, Product.NGINX):
        if (
            containers.repository(service).startswith("orthancteam/orthanc-nginx")
            and service.variable("ENABLE_ORTHANC_TOKEN_SERVICE") == "true"
        ):
            yield Finding(
                RULE,
                "`ENABLE_ORTHANC_TOKEN_SERVICE` serves the auth-service at `/auth-service/`",
                service.locate_variable("ENABLE_ORTHANC_TOKEN_SERVICE"),
                'write `"false"`',
                replacement='"false"',
            )
