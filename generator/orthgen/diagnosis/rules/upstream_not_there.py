"""An upstream that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers, keycloak, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product, Service

RULE = Rule(
    "upstream-not-there",
    Severity.ERROR,
    summary="The reverse proxy passes requests to a host or a port where no service listens.",
    consequence="nginx does not start (`host not found in upstream`), or answers 502.",
    remedy="Write the name of the service in the Compose file, and the port inside its container.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
          pacs:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
        ==> default.conf <==
        server {
            listen 80;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                client_max_body_size 0;
            }
        }
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
          pacs:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
        ==> default.conf <==
        server {
            listen 80;
            location / {
                proxy_pass http://pacs:8042;
                proxy_set_header Host $http_host;
                client_max_body_size 0;
            }
        }
    """,
)
# The service may be in a Compose file that was not read.
_MISSING = "there is no service"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A service listens where the proxy passes requests to."""
    yield from _behind_ingresses(deployment)
    if not containers.is_whole(deployment):
        return
    seen: set[str] = set()
    for proxy in deployment.proxies:
        if proxy.service is None or routing.is_built_in(proxy):
            continue
        for server in proxy.servers:
            for location in server.locations:
                target = routing.upstream(proxy, location)
                if (
                    target is None
                    or "$" in target.host
                    or ("." in target.host and not addresses.is_loopback(target.host))
                    or f"{target.host}:{target.port}" in seen
                ):
                    continue
                problem = _problem(deployment, proxy.service, target)
                if problem:
                    seen.add(f"{target.host}:{target.port}")
                    yield Finding(
                        RULE,
                        problem,
                        location.location,
                        "put both on one network of Compose"
                        if "network" in problem
                        else "write the name of a service and the port inside its container",
                        confidence=Confidence.LIKELY if problem.startswith(_MISSING) else Confidence.CERTAIN,
                    )


def _behind_ingresses(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The Services behind Ingresses that lead to a port on which the container does not listen."""
    for proxy in deployment.proxies:
        for server in proxy.servers if proxy.product is Product.INGRESS else ():
            for location in server.locations:
                target = routing.upstream(proxy, location)
                if target is None:
                    continue
                service = containers.service_at(deployment, target.host)
                problem = _wrong_port(deployment, service, target) if service is not None else ""
                if problem:
                    yield Finding(
                        RULE,
                        f"the Service `{target.host}` leads to another port: {problem}",
                        location.location,
                        "write the container's port into `targetPort` of the Service",
                    )


def _problem(deployment: ObservedDeployment, own: Service, target: routing.Upstream) -> str:
    """The reason why nothing listens there; empty where something may."""
    service = containers.service_at(deployment, target.host)
    if service is None:
        if containers.uses_host_network(own):
            return ""
        if addresses.is_loopback(target.host):
            return f"in a container `{target.host}` is the container of the proxy itself"
        return f"{_MISSING} `{target.host}`"
    problem = _wrong_port(deployment, service, target)
    by_address = own.product is Product.TRAEFIK  # it asks the engine for the addresses, and needs no name
    if problem or (by_address and any(map(containers.uses_host_network, (own, service)))):
        return problem
    return containers.unreachable(own, service, target.host)


def _wrong_port(deployment: ObservedDeployment, service: Service, target: routing.Upstream) -> str:
    """The port on which a service listens instead, in a sentence; empty where it may listen on this one."""
    orthanc = next((each for each in deployment.orthancs if each.service is service), None)
    if orthanc is not None and target.port != orthancs.http_port(orthanc):
        return f"Orthanc listens on port {orthancs.http_port(orthanc)}, not on {target.port}"
    if (
        service.product is Product.AUTH_SERVICE
        and containers.repository(service).startswith("orthancteam/")
        and target.port != 8000
    ):
        return f"the auth-service listens on port 8000, not on {target.port}"
    if (
        service.product is Product.KEYCLOAK
        and target.scheme == "http"
        and target.port != int(keycloak.option(service, "http-port") or 8080)
    ):
        return (
            f"Keycloak listens on port {keycloak.option(service, 'http-port') or 8080}, not on {target.port}"
        )
    ports = containers.ohif_ports(service)
    if ports and str(target.port) not in ports:
        return f"OHIF listens on port {min(ports)}, not on {target.port}"
    return ""
