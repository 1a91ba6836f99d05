"""A `proxy_pass` with variables that drops the arguments of requests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_SITE = """
    server {
        listen 80;
        resolver 127.0.0.11;
        client_max_body_size 0;
        large_client_header_buffers 8 32k;
        location ~ ^/orthanc/(.*)$ {
            proxy_pass http://orthanc:8042/$1ARGUMENTS;
            proxy_set_header Host $http_host;
        }
    }
"""
RULE = Rule(
    "arguments-lost",
    Severity.ERROR,
    summary="`proxy_pass` has a variable and a path. nginx then passes on exactly this path: the arguments of the request are not in it.",
    consequence="Searches of DICOMweb find nothing or everything, and archives of many studies, previews and the sign-in fail, because "
    "their arguments (`?limit=…`, `?resources=…`) are missing.",
    remedy="Write `$is_args$args` behind the path, or use a prefix location with `proxy_pass http://orthanc:8042/;`, which keeps the "
    "arguments (nginx, ngx_http_proxy_module: `proxy_pass`).",
    file="nginx.conf",
    example=_SITE.replace("ARGUMENTS", ""),
    counterexample=_SITE.replace("ARGUMENTS", "$is_args$args"),
)
_WITH_PATH = re.compile(r"https?://[^/]+(?P<path>/.*)")
_ARGUMENTS = ("$args", "$query_string", "$request_uri", "${args}", "${query_string}", "${request_uri}")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Requests keep their arguments."""
    for proxy in deployment.proxies:
        for server in proxy.servers if proxy.product is Product.NGINX else ():
            for location in server.locations:
                if location.modifier == "=":
                    continue
                for directive in location.directive("proxy_pass"):
                    match = _WITH_PATH.fullmatch("".join(directive.arguments[:1]))
                    if (
                        match is None
                        or not routing.VARIABLE.search(match[0])
                        or any(word in match[0] for word in _ARGUMENTS)
                    ):
                        continue
                    if routing.leads_to(deployment, proxy, location, Product.OHIF):
                        continue  # a program in the browser, whose files need no arguments
                    path = match["path"]
                    kept = f"{path}$is_args$args" if routing.VARIABLE.search(path) else "$request_uri"
                    yield Finding(
                        RULE,
                        f"requests lose their arguments: `proxy_pass` passes on `{path}` alone",
                        directive.location,
                        f"write `{match[0].removesuffix(path)}{kept}`",
                    )
