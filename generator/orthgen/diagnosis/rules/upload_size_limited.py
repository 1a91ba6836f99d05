"""A reverse proxy that refuses uploads for their size."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Directive, ProxyLocation
from orthgen.observed.service_model import Product

RULE = Rule(
    "upload-size-limited",
    Severity.ERROR,
    summary="The reverse proxy limits the size of requests to Orthanc below the size of studies. nginx allows 1 MB by default, IIS 30 MB.",
    consequence="Uploads and reports from viewers fail with `413 Request Entity Too Large`.",
    remedy="Write `client_max_body_size 0;` and `proxy_request_buffering off;` in the location.",
    file="nginx.conf",
    example="""
        server {
            listen 127.0.0.1:80;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                auth_basic "pacs";
            }
        }
    """,
    counterexample="""
        server {
            listen 127.0.0.1:80;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                auth_basic "pacs";
                client_max_body_size 0;
            }
        }
    """,
    is_about_absence=True,
)
_ENOUGH = 2 * 1024**3


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Studies of any size reach Orthanc."""
    for proxy in deployment.proxies:
        for server in proxy.servers:
            for location in routing.upload_locations(deployment, proxy, server):
                limits = location.directive("client_max_body_size")
                if not limits and (proxy.product not in _DEFAULTS or routing.may_say_more(location)):
                    continue
                size = (
                    routing.size_in_bytes(limits[-1].arguments[0])
                    if limits and limits[-1].arguments
                    else _DEFAULTS[proxy.product][0]
                )
                if size is None or size == 0 or size >= _ENOUGH:
                    continue
                yield _finding(proxy.product, location, limits[-1] if limits else None)


# How each product writes the limit; the readers give it the name that nginx has for it.
_LIMITS = {
    Product.CADDY: "max_size",
    Product.APACHE: "LimitRequestBody",
    Product.TRAEFIK: "maxRequestBodyBytes",
    Product.IIS: "maxAllowedContentLength",
    Product.INGRESS: "proxy-body-size",
}
# The products that limit the size by default: bytes, and words. IIS 10: "Request Limits <requestLimits>".
_DEFAULTS = {
    Product.NGINX: (1024**2, "nginx's default of 1 MB"),
    Product.IIS: (30_000_000, "IIS's default of 30 MB"),
    Product.INGRESS: (1024**2, "ingress-nginx's default of 1 MB"),
}
_REMEDIES = {
    Product.NGINX: "write `client_max_body_size 0;`",
    Product.INGRESS: 'write the annotation `nginx.ingress.kubernetes.io/proxy-body-size: "0"`',
    Product.IIS: 'write `<requestLimits maxAllowedContentLength="4294967295" />` below `security/requestFiltering`',
}


def _finding(product: Product, location: ProxyLocation, limit: Directive | None) -> Finding:
    is_nginx = product is Product.NGINX
    name = _LIMITS.get(product, "client_max_body_size")
    return Finding(
        RULE,
        f"`{name} {limit.arguments[0]}` limits uploads to Orthanc"
        if limit is not None
        else f"{_DEFAULTS[product][1]} limits uploads to Orthanc",
        limit.location if limit is not None else location.location,
        _REMEDIES.get(product, "remove the limit, or write one above 2 GB"),
        related=((location.location, f"location {location.path}"),) if limit is not None else (),
        replacement="client_max_body_size 0;" if is_nginx else "",
        change=EditKind.DIRECTIVE if limit is not None else EditKind.ADDITION,
    )
