"""A resolver outside Docker for names inside it."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Confidence, EditKind, Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "foreign-resolver",
    Severity.ERROR,
    summary="nginx in a container asks a public DNS server for names of services.",
    consequence="nginx answers 502: `host not found`, because only Docker's own resolver knows the names of services.",
    remedy="Write `resolver 127.0.0.11;`.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
        ==> default.conf <==
        server {
            listen 80;
            resolver 8.8.8.8;
            location / {
                set $backend http://orthanc:8042;
                proxy_pass $backend;
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
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
        ==> default.conf <==
        server {
            listen 80;
            resolver 127.0.0.11;
            location / {
                set $backend http://orthanc:8042;
                proxy_pass $backend;
                proxy_set_header Host $http_host;
                client_max_body_size 0;
            }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Names of services are asked of Docker's resolver."""
    for proxy in deployment.proxies:
        if not deployment.services or (
            proxy.service is not None and containers.uses_host_network(proxy.service)
        ):
            continue
        seen: set[Location] = set()
        for server in proxy.servers:
            named = (
                *server.directives,
                *(directive for location in server.locations for directive in location.directives),
            )
            for directive in named:
                servers = (
                    [word for word in directive.arguments if "=" not in word]
                    if directive.name == "resolver"
                    else []
                )
                if (
                    servers
                    and "127.0.0.11" not in " ".join(servers)
                    and directive.location not in seen
                    and all(word[:1].isdigit() for word in servers)
                ):
                    seen.add(directive.location)
                    yield Finding(
                        RULE,
                        f"`{servers[0]}` does not know the names of services",
                        directive.location,
                        "write `resolver 127.0.0.11;`",
                        replacement="resolver 127.0.0.11;",
                        change=EditKind.DIRECTIVE,
                        confidence=Confidence.LIKELY,
                    )
