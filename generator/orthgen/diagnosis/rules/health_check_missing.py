"""A service that waits for the health of one that has no health check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment

_FILES = """
    services:
      orthanc-db:
        image: postgres:17.5
        environment: {POSTGRES_PASSWORD: "${DATABASE_PASSWORD:?}"}
        volumes: ["database:/var/lib/postgresql/data"]
        CHECK
      orthanc:
        image: orthancteam/orthanc:26.8.1
        depends_on: {orthanc-db: {condition: service_healthy}}
        environment:
          ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'
          ORTHANC__POSTGRESQL__HOST: orthanc-db
          ORTHANC__POSTGRESQL__PASSWORD: ${DATABASE_PASSWORD:?}
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: , database: }
"""
RULE = Rule(
    "health-check-missing",
    Severity.ERROR,
    summary="A service waits until another one is healthy, and the other one has no health check.",
    consequence="The service does not start: `dependency failed to start: container … has no healthcheck configured`.",
    remedy="Add a `healthcheck` to the other service, or write `condition: service_started`.",
    file="docker-compose.yml",
    example=_FILES.replace("CHECK", "# no check"),
    counterexample=_FILES.replace("CHECK", "healthcheck: {test: pg_isready -U postgres}"),
)
# Images whose Dockerfiles have no HEALTHCHECK (read in the sources of July 2026).
_WITHOUT = frozenset(
    {
        "postgres",
        "keycloak/keycloak",
        "nginx",
        "jodogne/orthanc",
        "jodogne/orthanc-plugins",
        "orthancteam/orthanc",
        "orthancteam/orthanc-auth-service",
        "orthancteam/orthanc-keycloak",
        "orthancteam/orthanc-nginx",
        "orthancteam/ohif-v3",
    }
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A service waits only for the health of services with a health check."""
    for service in deployment.services:
        for name, value in mapping(service.definition.get("depends_on")).items():
            other = deployment.service(str(name))
            waits = isinstance(value, Mapping) and value.get("condition") == "service_healthy"
            if not waits or other is None or other.definition.has("build"):
                continue
            test = other.definition.get("healthcheck", "test")
            is_off = as_list(test)[:1] == ["NONE"] or containers.is_true(
                other.definition.get("healthcheck", "disable")
            )
            if is_off or (test is None and containers.repository(other) in _WITHOUT):
                yield Finding(
                    RULE,
                    f"`{service.name}` waits until `{name}` is healthy, and `{name}` has no health check",
                    service.definition.locate(("depends_on", str(name), "condition")),
                    f"add a `healthcheck` to `{name}`",
                    related=((other.image_place, str(name)),),
                )
