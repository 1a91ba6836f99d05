"""Buffers that are too small for Keycloak's cookies."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "small-proxy-buffer",
    Severity.WARNING,
    summary="nginx has its small buffer for headers (4 or 8 KB) in front of Keycloak.",
    consequence="The sign-in fails with 502 for some people: `upstream sent too big header while reading response header`.",
    remedy="Write `proxy_buffer_size 32k;`, `proxy_buffers 8 32k;` and `proxy_busy_buffers_size 64k;`.",
    file="nginx.conf",
    example="""
        server {
            listen 443 ssl;
            server_name sso.example.org;
            location / {
                proxy_pass http://keycloak:8080;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $remote_addr;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Forwarded-Host $http_host;
            }
        }
    """,
    counterexample="""
        server {
            listen 443 ssl;
            server_name sso.example.org;
            proxy_buffer_size 32k;
            location / {
                proxy_pass http://keycloak:8080;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $remote_addr;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Forwarded-Host $http_host;
            }
        }
    """,
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak's headers fit."""
    for proxy, _, location in routing.routes(deployment, Product.KEYCLOAK):
        sizes = location.directive("proxy_buffer_size")
        size = routing.size_in_bytes(sizes[-1].arguments[0]) if sizes and sizes[-1].arguments else 4096
        if (
            proxy.product is Product.NGINX
            and not routing.is_built_in(proxy)
            and (sizes or not routing.may_say_more(location))
            and size is not None
            and size < 16 * 1024
        ):
            yield Finding(
                RULE,
                "Keycloak's headers may be larger than nginx's buffer of "
                + (sizes[-1].arguments[0] if sizes else "4 or 8 KB"),
                sizes[-1].location if sizes else location.location,
                "write `proxy_buffer_size 32k;`",
                replacement="proxy_buffer_size 32k;",
                change=EditKind.ADDITION,
            )
            return
