"""An address of Apache's `ProxyPass` that lacks the slash of the path before it."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILE = """
    ==> pacs.conf <==
    <VirtualHost *:443>
      ServerName pacs.example.org
      SSLEngine on
      ProxyPreserveHost On
      RequestHeader set X-Forwarded-Proto "https"
      ProxyPass "/" "http://127.0.0.1:8042END"
      ProxyPassReverse "/" "http://127.0.0.1:8042END"
    </VirtualHost>
"""
RULE = Rule(
    "address-joined-with-path",
    Severity.ERROR,
    summary="The path of `ProxyPass` ends in a slash, and the address does not: Apache joins the address and what follows the path, as "
    "`http://127.0.0.1:8042ui/`.",
    consequence="Apache answers 502 or 500: `DNS lookup failure for: 127.0.0.1:8042ui`.",
    remedy="End both in a slash, or none.",
    file="nginx.conf",
    example=_FILE.replace("END", ""),
    counterexample=_FILE.replace("END", "/"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Path and address end alike (Apache 2.4, mod_proxy: "the trailing slash")."""
    for proxy in deployment.proxies:
        if proxy.product is not Product.APACHE:
            continue
        for server in proxy.servers:
            for location in server.locations:
                is_bare = (
                    addresses.is_absolute(location.upstream) and not addresses.split(location.upstream).path
                )
                if is_bare and not location.modifier and location.path.endswith("/"):
                    yield Finding(
                        RULE,
                        f"Apache joins `{location.upstream}` with what follows `{location.path}`",
                        location.location,
                        f"write `{location.upstream}/`",
                    )
