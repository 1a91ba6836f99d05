"""An address of the auth-service where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.service_model import Product, Service

RULE = Rule(
    "auth-service-not-there",
    Severity.ERROR,
    summary="The address of the auth-service in Orthanc's configuration does not lead to an auth-service.",
    consequence="The plugin gets no answer that it understands: Orthanc answers 403 to everybody.",
    remedy="Write `http://NAME:8000/`, with the name of the auth-service in the Compose file. The plugin asks the auth-service, "
    "not Keycloak and not the public address.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
              ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: http://localhost:8000/
              ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: orthanc
              ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
              ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["orthanc-explorer-2"]'
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC__AUTHENTICATION_ENABLED: "false"
              ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL: http://orthanc-auth-service:8000/
              ORTHANC__AUTHORIZATION__WEB_SERVICE_USERNAME: orthanc
              ORTHANC__AUTHORIZATION__CHECKED_LEVEL: studies
              ORTHANC__AUTHORIZATION__STANDARD_CONFIGURATIONS: '["orthanc-explorer-2"]'
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
        volumes: {orthanc: }
    """,
)
_KEYS = (
    "WebServiceRootUrl",
    "WebServiceUserProfileUrl",
    "WebServiceTokenValidationUrl",
    "WebServiceTokenCreationBaseUrl",
)
_PROVIDER = re.compile(
    r"/realms/|/protocol/openid-connect|/\.well-known/|/userinfo\b|/oauth2?/|//login\.microsoftonline\.com"
)
# The service may be in a Compose file that was not read.
_MISSING = "there is no service"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The address leads to an auth-service."""
    for orthanc in deployment.orthancs:
        for key in _KEYS:
            url = orthancs.setting(orthanc, "Authorization", key)
            if not isinstance(url, str) or "$" in url or not orthancs.loads(orthanc, "Authorization"):
                continue
            problem = _problem(deployment, orthanc, url)
            if problem:
                right = next(addresses.auth_services(deployment), None)
                better = (
                    f"http://{right.name}:8000/" if right is not None and key == "WebServiceRootUrl" else ""
                )
                yield Finding(
                    RULE,
                    f"`{key}` is `{url}`: {problem}",
                    orthancs.place(orthanc, "Authorization", key),
                    f"write `{better}`"
                    if better
                    else "write the address of the auth-service: `http://NAME:8000/`",
                    replacement=better,
                    confidence=Confidence.LIKELY if problem.startswith(_MISSING) else Confidence.CERTAIN,
                )


def _problem(deployment: ObservedDeployment, orthanc: Orthanc, url: str) -> str:
    """The reason why no auth-service is at an address; empty where there may be one."""
    hostname = addresses.host(url)
    if not addresses.is_absolute(url) or not hostname:
        return "it is not an address that begins with `http://` or `https://`"
    if _PROVIDER.search(url):
        return "it leads to an identity provider, not to the auth-service"
    if orthanc.service is None:
        return ""
    service = containers.service_at(deployment, hostname)
    if service is not None:
        return _mismatch(orthanc.service, service, url)
    if containers.uses_host_network(orthanc.service):
        return ""
    if addresses.is_loopback(hostname):
        return "in a container `localhost` is the container of Orthanc itself"
    is_missing = containers.is_whole(deployment) and "." not in hostname
    return f"{_MISSING} `{hostname}`" if is_missing else ""


def _mismatch(own: Service, service: Service, url: str) -> str:
    """The reason why a service does not answer as the auth-service."""
    port = addresses.port_of(url)
    if service.product not in {Product.AUTH_SERVICE, Product.OTHER}:
        return f"`{service.name}` is not an auth-service ({service.product.value})"
    if port != 8000 and containers.repository(service) == "orthancteam/orthanc-auth-service":
        return f"the auth-service listens on port 8000, not on {port}"
    if url.startswith("https://") and containers.repository(service) == "orthancteam/orthanc-auth-service":
        return "the auth-service speaks http, not https"
    return containers.unreachable(own, service, addresses.host(url))
