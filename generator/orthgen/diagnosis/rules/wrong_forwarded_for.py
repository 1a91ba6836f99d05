"""A header for the client's address that holds something else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import EditKind, Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "wrong-forwarded-for",
    Severity.ERROR,
    summary="`X-Forwarded-For` is set to something that is not the address of the client.",
    consequence='Keycloak refuses the request (`Failed to parse a port from "forwarded"-type headers`), or locks out everybody '
    "for the failures of one person.",
    remedy="Write `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`.",
    file="nginx.conf",
    example="""
        server {
            listen 443 ssl;
            server_name sso.example.org;
            proxy_buffer_size 32k;
            location / {
                proxy_pass http://keycloak:8080;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $http_host;
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
)
_WRONG = re.compile(
    r"\$(?:http_)?host|\$server|\$scheme|^(?:yes|on|true|[a-z.-]*host)$|req\.hdr\(host\)", re.IGNORECASE
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The header holds the address of the client."""
    seen: set[Location] = set()
    for proxy in deployment.proxies:
        for server in proxy.servers:
            for location in server.locations:
                directive = routing.header(location, "X-Forwarded-For") if location.upstream else None
                if directive is None or directive.location in seen:
                    continue
                value = " ".join(directive.arguments[1:])
                if _WRONG.search(value):
                    seen.add(directive.location)
                    yield Finding(
                        RULE,
                        f"`X-Forwarded-For` is `{value}`, not the address of the client",
                        directive.location,
                        "write `$proxy_add_x_forwarded_for`",
                        replacement="proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
                        change=EditKind.DIRECTIVE,
                    )
