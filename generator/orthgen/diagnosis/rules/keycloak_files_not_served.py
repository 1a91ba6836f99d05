"""A reverse proxy that passes on the pages of Keycloak, and not the files that they need."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_SERVER = """
    server {
        listen 443 ssl;
        server_name sso.example.org;
        proxy_set_header Host $http_host;
        proxy_buffer_size 16k;
        proxy_buffers 8 16k;
        location /realms/ {
            proxy_pass http://keycloak:8080;
        }
        REST
    }
"""
RULE = Rule(
    "keycloak-files-not-served",
    Severity.ERROR,
    summary="The reverse proxy passes `/realms/` to Keycloak, and not `/resources/`, where the scripts and styles of its pages are.",
    consequence="The sign-in page has no style, or stays blank; the browser's console shows 404 for `/resources/…`.",
    remedy='Pass `/resources/` to Keycloak, too (Keycloak, "Configuring a reverse proxy": exposed path recommendations).',
    file="nginx.conf",
    example=_SERVER.replace("REST", ""),
    counterexample=_SERVER.replace("REST", "location /resources/ { proxy_pass http://keycloak:8080; }"),
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The files of Keycloak's pages reach the browser."""
    for proxy, server, location in routing.routes(deployment, Product.KEYCLOAK):
        base, realms, _ = routing.prefix(location).partition("realms/")
        if not realms or routing.is_rewritten(location):
            continue
        served = routing.location_for(server, f"{base}resources/x/login/keycloak.v2/css/styles.css")
        if served is None or not routing.leads_to(deployment, proxy, served, Product.KEYCLOAK):
            yield Finding(
                RULE,
                f"the reverse proxy passes `{base}realms/` to Keycloak, and not `{base}resources/`",
                location.location,
                f"add a location for `{base}resources/`",
            )
            return
