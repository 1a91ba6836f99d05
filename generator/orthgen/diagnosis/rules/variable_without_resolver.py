"""A `proxy_pass` with variables, and no resolver."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Proxy, ProxyLocation
from orthgen.observed.service_model import Product

_SITE = """
    server {
        listen 80;
        RESOLVER
        client_max_body_size 0;
        large_client_header_buffers 8 32k;
        location / {
            set $backend orthanc;
            proxy_pass http://$backend:8042;
            proxy_set_header Host $http_host;
        }
    }
"""
RULE = Rule(
    "variable-without-resolver",
    Severity.ERROR,
    summary="`proxy_pass` has a variable and the name of a host, and no `resolver` is set. nginx then looks up the name for each request, "
    "and does not ask the system for it.",
    consequence="nginx answers 502; its log says `no resolver defined to resolve`.",
    remedy="Write `resolver 127.0.0.11;` (Docker's name server), or `proxy_pass` without a variable.",
    file="nginx.conf",
    example=_SITE.replace("RESOLVER", ""),
    counterexample=_SITE.replace("RESOLVER", "resolver 127.0.0.11;"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Nginx can look up the names of services."""
    for proxy in deployment.proxies:
        for server in proxy.servers if proxy.product is Product.NGINX else ():
            for location in server.locations:
                name = _name(proxy, location)
                if name and not location.directive("resolver") and not routing.may_say_more(location):
                    yield Finding(
                        RULE,
                        f"nginx has no resolver to look up `{name}`: `proxy_pass` has a variable",
                        location.directive("proxy_pass")[-1].location,
                        "write `resolver 127.0.0.11;` into the server",
                    )


def _name(proxy: Proxy, location: ProxyLocation) -> str:
    """The name of a host that nginx looks up at each request; empty where it looks up none, or where the name is not known."""
    directives = location.directive("proxy_pass")
    if not directives or not routing.VARIABLE.search("".join(directives[-1].arguments[:1])):
        return ""
    target = routing.upstream(proxy, location)
    if target is None or "$" in target.host or not re.fullmatch(r"[a-z][a-z0-9._-]*", target.host):
        return ""
    named = re.match(r"https?://([^/:]+)", location.upstream)
    return "" if named is not None and named[1] in proxy.upstreams else target.host
