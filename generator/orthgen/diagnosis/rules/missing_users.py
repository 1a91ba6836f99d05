"""An auth-service without the users that Orthanc signs in as."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import (
    ObservedDeployment,
    Product,
)

RULE = Rule(
    "missing-users",
    Severity.ERROR,
    summary="The auth-service has no `USERS`.",
    consequence="The auth-service stops at start (24.1.1 and newer), and Orthanc answers 403 to everybody.",
    remedy="Set `USERS` to a JSON object with the name and the password that Orthanc has in `WebServiceUsername` and "
    "`WebServicePassword`. It is not read from a secret's file.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service has users."""
    for service in containers.of_product(deployment, Product.AUTH_SERVICE):
        if (
            service.environment.has("USERS")
            or service.definition.get("env_file")
            or service.definition.get("entrypoint")
        ):
            continue  # an entry point of its own may set it
        if containers.repository(service) != "orthancteam/orthanc-auth-service":
            continue
        yield Finding(
            RULE,
            "the auth-service has no `USERS` and does not start",
            containers.image_place(service),
            "add `USERS`: a JSON object of names and passwords",
        )
