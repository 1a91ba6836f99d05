"""Buffers that are too small for addresses with tokens."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "short-request-line",
    Severity.WARNING,
    summary="nginx accepts request lines and headers of 8 KB at most, and links to viewers carry tokens and lists of studies.",
    consequence="Links to several studies, or of people with many roles, fail with `414 Request-URI Too Large` or 400.",
    remedy="Write `large_client_header_buffers 8 32k;` in the server.",
    file="docker-compose.yml",
    example="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"}
        }
        ==> nginx.conf <==
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
                client_max_body_size 0;
            }
        }
    """,
    counterexample="""
        ==> orthanc.json <==
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"}
        }
        ==> nginx.conf <==
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            large_client_header_buffers 8 32k;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
                client_max_body_size 0;
            }
        }
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Addresses with tokens fit."""
    if not any(orthancs.filters(orthanc) for orthanc in deployment.orthancs):
        return
    for proxy, server, location in routing.routes(deployment, Product.ORTHANC):
        sizes = location.directive("large_client_header_buffers") or tuple(
            each for each in server.directives if each.name == "large_client_header_buffers"
        )
        size = (
            routing.size_in_bytes(sizes[-1].arguments[1]) if sizes and len(sizes[-1].arguments) > 1 else 8192
        )
        if (
            proxy.product is Product.NGINX
            and not routing.is_built_in(proxy)
            and size is not None
            and size < 16 * 1024
        ):
            yield Finding(
                RULE,
                "addresses with tokens may be longer than nginx's limit of 8 KB",
                sizes[-1].location if sizes else server.location,
                "write `large_client_header_buffers 8 32k;`",
                replacement="large_client_header_buffers 8 32k;",
                change=EditKind.ADDITION,
            )
            return
