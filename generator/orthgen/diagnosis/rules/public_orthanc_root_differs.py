"""A public root of links that does not lead to Orthanc."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    ==> docker-compose.yml <==
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:26.4.1
        environment:
          SECRET_KEY: ${SECRET_KEY:?}
          USERS: ${USERS:?}
          PUBLIC_ORTHANC_ROOT: https://pacs.example.org/ROOT
        volumes: ["./anonymous.json:/orthanc_auth_service/anonymous-profile.json:ro"]
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
        volumes: ["orthanc:/var/lib/orthanc/db"]
      nginx:
        image: nginx:1.30.6
        ports: ["443:443"]
        volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
    volumes: {orthanc: }
    ==> anonymous.json <==
    {"name": "Anonymous", "permissions": [], "authorized-labels": [], "validity": 60}
    ==> default.conf <==
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        client_max_body_size 0;
        location /orthanc/ {
            proxy_pass http://orthanc:8042/;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
        }
    }
"""
RULE = Rule(
    "public-orthanc-root-differs",
    Severity.ERROR,
    summary="`PUBLIC_ORTHANC_ROOT` of the auth-service is not a path at which the reverse proxy serves Orthanc.",
    consequence="Links that people share answer 404.",
    remedy="Write the public address of Orthanc with the path of the reverse proxy: `https://pacs.example.org/orthanc/`.",
    file="docker-compose.yml",
    example=_FILES.replace("org/ROOT", "org/"),
    counterexample=_FILES.replace("org/ROOT", "org/orthanc/"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Links lead to Orthanc."""
    servers = [(proxy, server) for proxy in deployment.proxies for server in proxy.servers]
    prefixes = [
        prefix for proxy, server in servers for prefix in routing.orthanc_prefixes(deployment, proxy, server)
    ]
    for address in addresses.link_addresses(deployment):
        if address.name != "PUBLIC_ORTHANC_ROOT" or not prefixes or address.path in prefixes:
            continue
        page = f"{address.path}ui/app/token-landing.html"
        locations = [(proxy, routing.location_for(server, page)) for proxy, server in servers]
        if any(
            location is not None
            and (
                routing.leads_to(deployment, proxy, location, Product.ORTHANC)
                or routing.is_rewritten(location)
            )
            for proxy, location in locations
        ):
            continue
        better = f"{address.origin}{prefixes[0]}"
        yield Finding(
            RULE,
            f"links begin with `{address.url}`, and the reverse proxy serves Orthanc at `{prefixes[0]}`",
            address.location,
            f"write `{better}`",
            related=((servers[0][1].location, "the reverse proxy"),),
            replacement=better if len(set(prefixes)) == 1 else "",
        )
