"""An auth-service without the users that Orthanc signs in as."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

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
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service has users."""
    for service in containers.of_product(deployment, Product.AUTH_SERVICE):
        if containers.repository(service) != "orthancteam/orthanc-auth-service":
            continue
        # The entry point that `orthgen render` writes makes USERS of a name and of a secret.
        is_ours = service.environment.has("ORTHANC_USER")
        has_own_start = service.definition.get("env_file") or service.definition.get("entrypoint")
        lacks_secret = (
            is_ours
            and not service.definition.get("env_file")
            and not any(secrets.targets(service, "ORTHANC_PASSWORD"))
        )
        if lacks_secret or not (is_ours or has_own_start or service.environment.has("USERS")):
            yield Finding(
                RULE,
                "the auth-service has no `USERS` and does not start"
                if not lacks_secret
                else "the auth-service has no secret `ORTHANC_PASSWORD` and does not start",
                service.image_place,
                "add `USERS`: a JSON object of names and passwords" if not lacks_secret else "add the secret",
            )
