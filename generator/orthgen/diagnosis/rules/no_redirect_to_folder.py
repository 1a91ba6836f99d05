"""A path that works with its last slash only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_SITE = """
    server {{
        listen 443 ssl;
        server_name sso.example.org;
        proxy_buffer_size 32k;
        location ~ ^/keycloak/ {{
            rewrite ^/keycloak/(.*)$ /$1 break;
            proxy_pass http://keycloak:8080;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $http_host;
        }}
        {added}
        location / {{
            proxy_pass http://portal.example.org;
        }}
    }}
"""
RULE = Rule(
    "no-redirect-to-folder",
    Severity.NOTE,
    summary="An expression of nginx serves a folder of Keycloak with its slash at the end, and not without.",
    consequence="A person who types the address without the slash at the end gets 404 or another page.",
    remedy="Write a prefix, `location /keycloak/`, which nginx redirects to, or add `location = /keycloak { return 301 /keycloak/; }`.",
    file="nginx.conf",
    example=_SITE.format(added="# nothing for /keycloak"),
    counterexample=_SITE.format(added="location = /keycloak { return 301 /keycloak/; }"),
)
_FOLDER = r"\^(?P<path>/[\w/-]+)/(?:\(?\.[*+]\)?\$?)?"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A folder is found without its slash, too."""
    for proxy, server, location in routing.routes(deployment, Product.KEYCLOAK):
        # nginx itself redirects to a prefix that ends in a slash.
        match = re.fullmatch(_FOLDER, location.path) if location.modifier in {"~", "~*"} else None
        if match is None or proxy.product is not Product.NGINX:
            continue
        path = match["path"]
        other = routing.location_for(server, path)
        if (
            other is not None
            and other.path != path
            and not routing.leads_to(deployment, proxy, other, Product.KEYCLOAK)
        ):
            added = f"location = {path} {{ return 301 {path}/; }}"
            yield Finding(
                RULE,
                f"`{path}` without the slash goes to `{other.path}`, not to Keycloak",
                location.location,
                f"add `{added}`",
                replacement=added,
                change=EditKind.ADDITION,
            )
