"""Health checks of Keycloak that never succeed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import Keycloak, ObservedDeployment
from orthgen.observed.service_model import Service

RULE = Rule(
    "keycloak-health-check",
    Severity.ERROR,
    summary="The health check of Keycloak uses a program or a port that does not answer.",
    consequence="The container stays `unhealthy`, and every service that waits for it does not start.",
    remedy='Set `KC_HEALTH_ENABLED: "true"` and ask port 9000 (Keycloak 25 and newer) with bash, because curl and wget are not in '
    "the image: `exec 3<>/dev/tcp/127.0.0.1/9000`.",
    file="docker-compose.yml",
    example="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_HEALTH_ENABLED: "true"
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
            healthcheck:
              test: [CMD, curl, -f, "http://localhost:9000/health/ready"]
    """,
    counterexample="""
        services:
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://sso.example.org
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_HEALTH_ENABLED: "true"
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
            healthcheck:
              test: [CMD-SHELL, "exec 3<>/dev/tcp/127.0.0.1/9000 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q UP <&3"]
    """,
)
_PROGRAM = re.compile(r"(?:^|[\s;&|/])(curl|wget)(?:\s|$)")
_ASKED = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)[:/](?P<port>[0-9]+)")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Something answers the health check."""
    for server, service in keycloak.servers(deployment):
        test = service.definition.get("healthcheck", "test")
        text = test if isinstance(test, str) else " ".join(map(str, as_list(test)))
        if "/health" not in text and not _PROGRAM.search(text):
            continue
        problem = _problem(server, service, text)
        if problem:
            yield Finding(
                RULE,
                problem,
                service.definition.locate(("healthcheck", "test")),
                "ask port 9000 with bash and `/dev/tcp`, with `KC_HEALTH_ENABLED`",
            )


def _problem(server: Keycloak, service: Service, text: str) -> str:
    program = _PROGRAM.search(text)
    asked = _ASKED.search(text)
    if program is not None and keycloak.at_least_version(server, "21.0.0"):
        return f"`{program[1]}` is not in the image of Keycloak {keycloak.version_of(server)}"
    if (
        "/health" in text
        and asked is not None
        and asked["port"] == "8080"
        and keycloak.at_least_version(server, "25.0.0")
    ):
        return f"Keycloak {keycloak.version_of(server)} answers `/health` on port 9000, not on 8080"
    if (
        "/health" in text
        and keycloak.option(service, "health-enabled") != "true"
        and not keycloak.is_orthancteam_image(service)
    ):
        return "without `KC_HEALTH_ENABLED` Keycloak has no `/health`"
    path, own = _PATH.search(text), _relative_path(service)
    if path is not None and own is not None and path["prefix"] != own:
        return f"Keycloak answers at `{own}/health`, and the health check asks `{path['prefix']}/health`"
    return ""


# What a program or `/dev/tcp` asks for: the path in front of `/health`.
_PATH = re.compile(r"(?:GET |HEAD |:[0-9]{2,5})(?P<prefix>(?:/[\w.-]+)*?)/health\b")


def _relative_path(service: Service) -> str | None:
    """The path before `/health`, which the port for administration has from the pages; None where it is not known."""
    if keycloak.is_orthancteam_image(service):
        return None
    value = keycloak.option(service, "http-management-relative-path") or keycloak.option(
        service, "http-relative-path"
    )
    return None if "$" in str(value) else "/".join(["", *filter(None, str(value or "").split("/"))])
