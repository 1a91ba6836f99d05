"""An auth-service without the key that signs links."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILE = """
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.7.0
        environment:
          USERS: ${USERS:?}
          SECRET: ${SECRET_KEY:?}
"""
RULE = Rule(
    "missing-secret-key",
    Severity.ERROR,
    summary="The auth-service has no `SECRET_KEY`, with which it signs links.",
    consequence="The auth-service stops at its start: `Secret 'SECRET_KEY' is not defined`. Orthanc answers 403 to everybody.",
    remedy="Set `SECRET_KEY` to 32 random bytes, or give the service a secret of this name.",
    file="docker-compose.yml",
    example=_FILE.replace("SECRET: ", "KEY: "),
    counterexample=_FILE.replace("SECRET: ", "SECRET_KEY: "),
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service has a key."""
    for service in containers.of_product(deployment, Product.AUTH_SERVICE):
        if containers.repository(service) != "orthancteam/orthanc-auth-service":
            continue
        is_elsewhere = service.definition.get("env_file") or service.definition.get("entrypoint")
        has_secret = any(secrets.targets(service, "SECRET_KEY")) or any(
            containers.mounts_at(service, "/run/secrets/SECRET_KEY")
        )
        if not (is_elsewhere or has_secret or service.environment.has("SECRET_KEY")):
            yield Finding(
                RULE,
                "the auth-service has no `SECRET_KEY` and does not start",
                service.image_place,
                "set `SECRET_KEY` to 32 random bytes"
                if not service.environment.has("SECRET_KEY_FILE")
                else "mount the secret at `/run/secrets/SECRET_KEY`: the auth-service does not read `SECRET_KEY_FILE`",
            )
