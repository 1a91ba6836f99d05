"""An address at which the auth-service finds no Keycloak."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers, identity, keycloak
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product, Service

RULE = Rule(
    "keycloak-not-there",
    Severity.ERROR,
    summary="The auth-service's address of Keycloak leads to another service, another port or another path than Keycloak's.",
    consequence="The auth-service stops at start (`Unable to reach keycloak`), and Orthanc answers 403 to everybody.",
    remedy="Write `http://NAME:8080/realms/REALM/`, with Keycloak's name in the Compose file, and before `/realms/` the path of "
    "`KC_HTTP_RELATIVE_PATH` where it is set.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
          sso:
            image: keycloak/keycloak:26.7.3
            command: start
            environment: &environment
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: http://sso:8080/realms/orthanc/
          sso:
            image: keycloak/keycloak:26.7.3
            command: start
            environment: &environment
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
    """,
)
_DEFAULTS = {"KEYCLOAK_URI": identity.KEYCLOAK_URI, "KEYCLOAK_ADMIN_URI": identity.KEYCLOAK_ADMIN_URI}
# The service may be in a Compose file that was not read.
_MISSING = "there is no service"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service's addresses of Keycloak lead to Keycloak."""
    for service in addresses.auth_services(deployment):
        if service.variable("ENABLE_KEYCLOAK") != "true":
            continue
        for name, default in _DEFAULTS.items():
            if name == "KEYCLOAK_ADMIN_URI" and not service.environment.has("KEYCLOAK_CLIENT_SECRET"):
                continue
            value = service.variable(name) or default
            problem = _problem(deployment, service, value) if "$" not in value else ""
            if problem:
                is_written = service.environment.has(name)
                yield Finding(
                    RULE,
                    f"`{name}` is `{value}`{'' if is_written else ' by default'}: {problem}",
                    service.locate_variable(name),
                    f"set `{name}` to the address of Keycloak inside the Compose network",
                    confidence=Confidence.LIKELY if problem.startswith(_MISSING) else Confidence.CERTAIN,
                )


def _problem(deployment: ObservedDeployment, own: Service, url: str) -> str:
    """The reason why no Keycloak is at an address; empty where there may be one."""
    hostname = addresses.host(url)
    found = containers.service_at(deployment, hostname)
    if found is None and containers.uses_host_network(own):
        return ""
    if addresses.is_loopback(hostname):
        return "in a container `localhost` is the container of the auth-service itself"
    if found is None:
        return f"{_MISSING} `{hostname}`" if containers.is_whole(deployment) and "." not in hostname else ""
    if found.product not in {
        Product.KEYCLOAK,
        Product.OTHER,
        Product.NGINX,
        Product.TRAEFIK,
        Product.CADDY,
        Product.APACHE,
        Product.HAPROXY,
    }:
        return f"`{hostname}` is not Keycloak"
    return containers.unreachable(own, found, hostname) or _mismatch(found, url)


def _mismatch(found: Service, url: str) -> str:
    """The reason why a service does not answer as Keycloak at this path and port."""
    if found.product is not Product.KEYCLOAK:
        return ""
    path = addresses.split(url).path
    base = path.partition("/realms/")[0].removesuffix("/admin").rstrip("/") + "/"
    served = keycloak.serves_from(found)
    if base != served:
        return f"Keycloak serves at `{served}`, not at `{base}`"
    port = addresses.port_of(url)
    expected = keycloak.option(found, "http-port") or "8080"
    if url.startswith("http://") and expected.isdigit() and port != int(expected):
        return f"Keycloak listens on port {expected}, not on {port}"
    return ""
