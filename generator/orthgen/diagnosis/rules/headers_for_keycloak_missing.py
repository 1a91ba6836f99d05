"""A reverse proxy that does not set the headers that Keycloak reads."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import keycloak, routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    ==> docker-compose.yml <==
    services:
      keycloak:
        image: keycloak/keycloak:26.7.3
        command: start
        environment:
          KC_HOSTNAME: https://sso.example.org
          KC_HTTP_ENABLED: "true"
          KC_PROXY_HEADERS: KIND
          KC_DB: postgres
          KC_DB_URL_HOST: db.example.org
      nginx:
        image: nginx:1.30.6
        ports: ["443:443"]
        volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
    ==> default.conf <==
    server {
        listen 443 ssl;
        server_name sso.example.org;
        proxy_buffer_size 32k;
        location / {
            proxy_pass http://keycloak:8080;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $host;
        }
    }
"""
RULE = Rule(
    "headers-for-keycloak-missing",
    Severity.ERROR,
    summary="`KC_PROXY_HEADERS` names headers that the reverse proxy does not set.",
    consequence="Keycloak takes requests for http: the sign-in page has no style, forms answer 403, or the sign-in never ends.",
    remedy="Set `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` in the proxy, and `KC_PROXY_HEADERS: xforwarded`.",
    file="docker-compose.yml",
    example=_FILES.replace("KIND", "forwarded"),
    counterexample=_FILES.replace("KIND", "xforwarded"),
)
_NEEDED = {"xforwarded": "X-Forwarded-Proto", "forwarded": "Forwarded"}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The proxy sets what Keycloak reads."""
    for _, service in keycloak.servers(deployment):
        needed = _NEEDED.get(keycloak.option(service, "proxy-headers") or "")
        for proxy, _, location in routing.routes(deployment, Product.KEYCLOAK) if needed else ():
            # Traefik and Caddy set the X-Forwarded headers themselves.
            sets_them = (
                proxy.product in {Product.TRAEFIK, Product.CADDY, Product.INGRESS}
                and needed == "X-Forwarded-Proto"
            )
            if (
                needed
                and not (sets_them or routing.may_say_more(location))
                and routing.header(location, needed) is None
            ):
                place = keycloak.place_of(service, "proxy-headers")
                yield Finding(
                    RULE,
                    f"Keycloak reads `{needed}`, and the reverse proxy does not set it",
                    location.location,
                    "set `X-Forwarded-For`, `-Proto` and `-Host`, and `KC_PROXY_HEADERS: xforwarded`",
                    related=((place, "KC_PROXY_HEADERS"),),
                )
                break
