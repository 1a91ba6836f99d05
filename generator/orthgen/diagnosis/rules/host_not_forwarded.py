"""A reverse proxy that does not tell Orthanc the host of the request."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_SITE = """
    server {
        listen 80;
        location / {
            proxy_pass http://orthanc:8042;
            HEADER
            auth_basic "pacs";
            client_max_body_size 0;
        }
    }
"""
RULE = Rule(
    "host-not-forwarded",
    Severity.WARNING,
    summary="nginx passes requests to Orthanc with the name of the container as their host.",
    consequence="DICOMweb writes addresses like `http://orthanc:8042/…` into its answers: viewers on other machines load no PDF and no "
    "image with bulk data.",
    remedy="Write `proxy_set_header Host $http_host;`.",
    file="nginx.conf",
    example=_SITE.replace("HEADER", "proxy_http_version 1.1;"),
    counterexample=_SITE.replace("HEADER", "proxy_set_header Host $http_host;"),
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc learns the public host."""
    for proxy in deployment.proxies:
        for server in proxy.servers if proxy.product is Product.NGINX else ():
            if server.uses_tls:
                continue  # `https-not-forwarded` says more
            for location in routing.dicomweb_locations(deployment, proxy, server):
                has_both = routing.header(location, "X-Forwarded-Host") and routing.header(
                    location, "X-Forwarded-Proto"
                )
                if (
                    not has_both
                    and not routing.may_say_more(location)
                    and routing.header(location, "Host") is None
                    and "host=" not in routing.header_value(location, "Forwarded")
                ):
                    yield Finding(
                        RULE,
                        "Orthanc gets the name of its container as the host of each request",
                        location.location,
                        "add `proxy_set_header Host $http_host;`",
                        replacement="proxy_set_header Host $http_host;",
                        change=EditKind.ADDITION,
                        related=routing.lost_header(server, ["Host"]),
                    )
