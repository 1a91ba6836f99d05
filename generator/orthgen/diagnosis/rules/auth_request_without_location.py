"""A question of nginx about the sign-in that no location answers."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, SourceKind
from orthgen.observed.proxy_model import Directive, Proxy, ProxyServer
from orthgen.observed.service_model import Product

_FILES = """
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        location / {
            auth_request /oauth2/auth;
            proxy_pass http://orthanc:8042;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
            client_max_body_size 0;
        }LOCATION
    }
"""
RULE = Rule(
    "auth-request-without-location",
    Severity.ERROR,
    summary="`auth_request` asks a path that no location of its own serves: the question goes to Orthanc or to OHIF.",
    consequence="nginx answers 500 to every request: `auth request unexpected status: 404`.",
    remedy="Add a location for the path, which passes it to the service of the sign-in: "
    "`location /oauth2/ { proxy_pass http://oauth2-proxy:4180; }`.",
    file="nginx.conf",
    example=_FILES.replace("LOCATION", ""),
    counterexample=_FILES.replace(
        "LOCATION",
        """
        location /oauth2/ {
            proxy_pass http://oauth2-proxy:4180;
            proxy_set_header Host $http_host;
        }""",
    ),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The service of the sign-in gets the questions about it."""
    if not deployment.is_complete(SourceKind.NGINX):
        return
    for proxy in deployment.proxies:
        for server in proxy.servers:
            for directive in dict.fromkeys(
                each for one in server.locations for each in one.directive("auth_request")
            ):
                if _is_lost(deployment, proxy, server, directive):
                    yield Finding(
                        RULE,
                        f"`auth_request` asks `{directive.arguments[0]}`, and no location serves that path",
                        directive.location,
                        f"add `location = {directive.arguments[0]}` with `proxy_pass` to the service of the sign-in",
                    )


def _is_lost(deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer, directive: Directive) -> bool:
    path = directive.arguments[0].partition("?")[0] if directive.arguments else ""
    if not path.startswith("/") or "$" in path or proxy.product is not Product.NGINX:
        return False
    location = routing.location_for(server, path)
    if location is None:
        return True
    # A location of that very path answers on purpose, also by a question to Orthanc.
    return location.path != path and any(
        routing.leads_to(deployment, proxy, location, product) for product in (Product.ORTHANC, Product.OHIF)
    )
