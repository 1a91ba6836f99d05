"""An address with a path where nginx allows none."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_SERVER = """
    server {
        listen 127.0.0.1:80;
        client_max_body_size 0;
        proxy_set_header Host $http_host;
        auth_basic "pacs";
        location ~ ^/(dicom-web|instances)/ {
            proxy_pass http://orthanc:8042PATH;
        }
    }
"""
RULE = Rule(
    "path-in-proxy-pass",
    Severity.ERROR,
    summary="`proxy_pass` has a path, or a slash, behind the host in a location with a regular expression or a name.",
    consequence='nginx does not start: `"proxy_pass" cannot have URI part in location given by regular expression`.',
    remedy="Write the host and the port alone, and change the path by `rewrite … break;` where that is needed.",
    file="nginx.conf",
    example=_SERVER.replace("PATH", "/"),
    counterexample=_SERVER.replace("PATH", ""),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """An address of `proxy_pass` has a path only where nginx knows the prefix that it replaces."""
    for proxy in deployment.proxies:
        if proxy.product is not Product.NGINX:
            continue
        for location in (location for server in proxy.servers for location in server.locations):
            for directive in location.directive("proxy_pass"):
                url = directive.arguments[0] if directive.arguments else ""
                host, slash, _ = url.partition("://")[2].partition("/")
                is_free = location.modifier in {"~", "~*"} or location.path.startswith("@")
                if is_free and slash and "$" not in url:
                    base = f"{url.partition('://')[0]}://{host}"
                    yield Finding(
                        RULE,
                        f"`{url}` has a path, in a location with {'a name' if location.path.startswith('@') else 'a regular expression'}",
                        directive.location,
                        f"write `{base}`",
                        related=((location.location, f"location {location.path}"),),
                        replacement=f"proxy_pass {base};",
                        change=EditKind.DIRECTIVE,
                    )
