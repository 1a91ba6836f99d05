"""Keycloak's own image, started as if it had been built."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service

_FILE = """
    services:
      keycloak:
        image: quay.io/keycloak/keycloak:26.7.3
        command: COMMAND
        environment:
          KC_HOSTNAME: https://sso.example.org
          KC_HTTP_ENABLED: "true"
          KC_PROXY_HEADERS: xforwarded
          KC_DB: postgres
          KC_DB_URL_HOST: db.example.org
"""
RULE = Rule(
    "optimized-without-build",
    Severity.ERROR,
    summary="Keycloak's own image is started with `--optimized`. Nobody ran `kc.sh build` in it.",
    consequence="Keycloak ends at once: `The '--optimized' flag was used for first ever server start`.",
    remedy="Remove `--optimized`: Keycloak then builds itself at each start, which takes some seconds. Or make an image of your own "
    "with `RUN /opt/keycloak/bin/kc.sh build`.",
    file="docker-compose.yml",
    example=_FILE.replace("COMMAND", "start --optimized"),
    counterexample=_FILE.replace("COMMAND", "start"),
)
_FLAG = "--optimized"
# `kc.sh build` writes below this folder.
_BUILT = "/opt/keycloak/lib/quarkus"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The server that starts was built."""
    for _, service in keycloak.servers(deployment):
        words = keycloak.arguments(service)
        if (
            containers.repository(service) != "keycloak/keycloak"
            or _FLAG not in words
            or "build" in words
            or service.definition.has("build")
            or any(containers.mounts_at(service, _BUILT))
        ):
            continue
        command = service.definition.get("command")
        yield Finding(
            RULE,
            f"`{_FLAG}` is for an image in which `kc.sh build` ran, and Keycloak's own image is none",
            _place(service),
            f"remove `{_FLAG}`",
            replacement=" ".join(word for word in command.split() if word != _FLAG)
            if isinstance(command, str)
            else "",
        )


def _place(service: Service) -> Location:
    key = "command" if _FLAG in str(service.definition.get("command")) else "entrypoint"
    return service.definition.locate((key,))
