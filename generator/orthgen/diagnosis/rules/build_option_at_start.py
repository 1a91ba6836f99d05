"""Options of Keycloak's build that are set when a built image starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers, keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service

_FILE = """
    services:
      keycloak:
        image: orthancteam/orthanc-keycloak:26.4.1
        environment:
          KC_HOSTNAME: https://pacs.example.org/keycloak
          KC_DB_URL: jdbc:postgresql://db.example.org:5432/keycloak
          KC_DB_USERNAME: keycloak
          KC_DB_PASSWORD: ${KEYCLOAK_DB_PASSWORD:?}
          VARIABLE
"""
RULE = Rule(
    "build-option-at-start",
    Severity.ERROR,
    summary="An image in which Keycloak was built is started with another value of an option that belongs to the build.",
    consequence="Keycloak 26 ends at once: `build time options have values that differ from what is persisted`, or `not usable with "
    "pre-built image and --optimized`. Older versions start with the value of the build.",
    remedy="Set the option where the image is built, in front of `RUN /opt/keycloak/bin/kc.sh build`. For the image "
    "`orthancteam/orthanc-keycloak`, make one of your own, or leave the option out.",
    file="docker-compose.yml",
    example=_FILE.replace("VARIABLE", "KC_FEATURES: token-exchange"),
    counterexample=_FILE.replace("VARIABLE", "KC_LOG_LEVEL: info"),
)
# `kc.sh build --help-all` of Keycloak 26.7.3.
_OPTIONS = (
    "db",
    "db-driver",
    "features",
    "features-disabled",
    "http-relative-path",
    "https-client-auth",
    "health-enabled",
    "http-management-health-enabled",
    "http-management-relative-path",
    "https-management-client-auth",
    "legacy-observability-interface",
    "metrics-enabled",
    "vault",
    "fips-mode",
)
# The values in the build of `orthancteam/orthanc-keycloak` (24.12.1 to 26.4.1), and Keycloak's own defaults.
_BUILT: Mapping[str, str] = {
    "db": "postgres",
    "health-enabled": "true",
    "http-relative-path": "/",
    "https-client-auth": "none",
    "http-management-health-enabled": "true",
    "http-management-relative-path": "/",
    "https-management-client-auth": "none",
    "legacy-observability-interface": "false",
    "metrics-enabled": "false",
    "features": "",
    "features-disabled": "",
    "fips-mode": "disabled",
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The options of the build are those of the build."""
    for server, service in keycloak.servers(deployment):
        if keycloak.is_orthancteam_image(service) and not service.definition.has("entrypoint"):
            stops = keycloak.at_least_version(server, "26.0.0")
            yield from _differing_variables(
                service, "Keycloak does not start" if stops else "it has no effect"
            )
        elif "--optimized" in keycloak.arguments(service) and (
            service.definition.has("build") or containers.repository(service) != "keycloak/keycloak"
        ):
            yield from _refused_options(service)


def _differing_variables(service: Service, effect: str) -> Iterator[Finding]:
    for option in _OPTIONS:
        name = f"KC_{option.replace('-', '_').upper()}"
        value = service.variable(name)
        if value is None or "$" in value or value.lower() == _BUILT.get(option):
            continue
        built = _BUILT.get(option)
        yield Finding(
            RULE,
            f"`{name}` is an option of Keycloak's build, and this image was built "
            + (f"with `{built}`" if built else "without it")
            + f": {effect}",
            service.locate_variable(name),
            "remove it, or build an image of your own",
        )


def _refused_options(service: Service) -> Iterator[Finding]:
    words = keycloak.arguments(service)
    for option in _OPTIONS:
        if f"--{option}" in words:
            yield Finding(
                RULE,
                f"`--{option}` is an option of Keycloak's build: with `--optimized` it belongs to `kc.sh build`",
                service.definition.locate(("command",)),
                f"move `--{option}` to `kc.sh build`, or remove `--optimized`",
            )
