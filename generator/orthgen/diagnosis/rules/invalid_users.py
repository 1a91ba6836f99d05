"""Users of the auth-service that it cannot read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "invalid-users",
    Severity.ERROR,
    summary="`USERS` of the auth-service is not a JSON object of names and passwords.",
    consequence="The auth-service stops at its start (`JSONDecodeError`) or refuses Orthanc, and Orthanc answers 403 to everybody.",
    remedy="""Write `USERS: '{"NAME": "PASSWORD"}'`: double quotes inside, single quotes around the object.""",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: "orthanc:${WEB_SERVICE_PASSWORD:?}"
            volumes: ["./anonymous.json:/orthanc_auth_service/anonymous-profile.json:ro"]
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:26.4.1
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: '{"orthanc": "${WEB_SERVICE_PASSWORD:?}"}'
            volumes: ["./anonymous.json:/orthanc_auth_service/anonymous-profile.json:ro"]
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service reads its users."""
    for service in addresses.auth_services(deployment):
        value = service.environment.get("USERS")
        if value is None or isinstance(value, Mapping) or str(value).startswith("$"):
            continue
        if not _is_object(str(value)):
            yield Finding(
                RULE,
                "`USERS` is not a JSON object",
                service.locate_variable("USERS"),
                """write `'{"NAME": "PASSWORD"}'`""",
                is_sensitive=True,
            )


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
