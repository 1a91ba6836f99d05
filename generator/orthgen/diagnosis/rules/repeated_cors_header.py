"""Answers with two headers `Access-Control-Allow-Origin`."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import answer_headers, routing
from orthgen.findings import Confidence, Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product

_SITE = """
    server {
        listen 443 ssl;
        server_name sso.example.org;
        location / {
            proxy_pass http://keycloak:8080;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_buffer_size 32k;
            proxy_buffers 8 32k;
            proxy_busy_buffers_size 64k;
            HEADER
        }
    }
"""
RULE = Rule(
    "repeated-cors-header",
    Severity.ERROR,
    summary="Answers have the header `Access-Control-Allow-Origin` twice: two lines of the reverse proxy set it, or the reverse proxy "
    "and the server behind it. Keycloak sets it itself, for the `webOrigins` of the client.",
    consequence="The browser refuses the answer: `contains multiple values, but only one is allowed`. The viewer stays empty, or the "
    "sign-in ends in an error.",
    remedy="Set the header in one place. For Keycloak, write the page's address into `webOrigins` of the client, and no header into the "
    "reverse proxy. For several addresses, choose one by `map $http_origin`.",
    file="nginx.conf",
    example=_SITE.replace("HEADER", "add_header Access-Control-Allow-Origin https://pacs.example.org;"),
    counterexample=_SITE.replace("HEADER", "add_header Strict-Transport-Security max-age=31536000;"),
)
_HEADER = "Access-Control-Allow-Origin"
# Products in whose configuration a second line adds a second header. In a Caddyfile and in Traefik it replaces the first.
_ADDING = frozenset({Product.NGINX, Product.APACHE})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """One program sets the header, once."""
    seen: set[Location] = set()
    for proxy in deployment.proxies:
        for server in proxy.servers:
            for location in server.locations if proxy.product is not Product.TRAEFIK else ():
                for finding in _findings(deployment, proxy, server, location):
                    if finding.location not in seen:
                        seen.add(finding.location)
                        yield finding


def _findings(
    deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer, location: ProxyLocation
) -> Iterator[Finding]:
    added = _added(location)
    replaced = answer_headers.setting(location, _HEADER, "more_set_headers")
    if len(added) + bool(replaced) > 1 and proxy.product in _ADDING:
        first, second = sorted([*added, *replaced[:1]], key=lambda directive: directive.location)[:2]
        yield Finding(
            RULE,
            f"answers have `{_HEADER}` twice",
            second.location,
            "remove one of the two lines",
            related=((first.location, "the first time"),),
        )
    elif several := [directive for directive in added if " ".join(directive.arguments).count("://") > 1]:
        yield Finding(
            RULE,
            f"`{_HEADER}` has several addresses in one line: browsers accept one",
            several[0].location,
            "choose one by `map $http_origin`",
        )
    elif added and not answer_headers.hides(location, _HEADER):
        behind = _set_behind(deployment, proxy, location)
        if behind is not None:
            yield Finding(
                RULE,
                f"answers have `{_HEADER}` twice: the proxy behind sets it, too",
                added[0].location,
                "remove the line here or there",
                related=((behind.location, "the proxy behind"),),
            )
        elif routing.leads_to(deployment, proxy, location, Product.KEYCLOAK) and not _has_pages(
            deployment, proxy, server
        ):
            yield Finding(
                RULE,
                f"Keycloak's answers have `{_HEADER}` twice: Keycloak sets it itself",
                added[0].location,
                "remove the line, and write the page's address into `webOrigins` of the client",
                confidence=Confidence.LIKELY,
            )


def _added(location: ProxyLocation) -> list[Directive]:
    """The lines that add the header to every answer; a variable may be empty, and then adds none."""
    return [
        directive
        for directive in answer_headers.setting(location, _HEADER, "add_header")
        if not answer_headers.words(directive)[1].startswith("$")
        or answer_headers.words(directive)[1] == "$http_origin"
    ]


def _set_behind(deployment: ObservedDeployment, proxy: Proxy, location: ProxyLocation) -> Directive | None:
    """The line that sets the header in a proxy to which a location leads."""
    target = routing.upstream(proxy, location)
    service = deployment.hosts.get(target.host) if target is not None else None
    if service is None:
        return None
    for other in deployment.proxies:
        if other is proxy or other.service is not service:
            continue
        for server in other.servers:
            for inner in server.locations:
                set_there = answer_headers.setting(inner, _HEADER, "add_header", "more_set_headers")
                if set_there:
                    return set_there[0]
    return None


def _has_pages(deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer) -> bool:
    """Whether a server has the pages that sign people in, so that browsers need no such header."""
    return any(
        routing.leads_to(deployment, proxy, location, product)
        for location in server.locations
        for product in (Product.ORTHANC, Product.OHIF)
    )
