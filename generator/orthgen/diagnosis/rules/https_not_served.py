"""An https address behind a proxy without https."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "https-not-served",
    Severity.ERROR,
    summary="The public address has another scheme than the image `orthancteam/orthanc-nginx` serves.",
    consequence="The address does not open; or Keycloak takes requests for http and the sign-in never ends.",
    remedy='Set `ENABLE_HTTPS: "true"`, mount the certificate, publish port 443, and write `https://` in all public addresses.',
    file="docker-compose.yml",
    example="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            environment: {ENABLE_ORTHANC: "false", ENABLE_KEYCLOAK: "true"}
            ports: ["443:80"]
          keycloak:
            image: orthancteam/orthanc-keycloak:26.4.1
            environment:
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_BOOTSTRAP_ADMIN_PASSWORD: ${ADMIN_PASSWORD:?}
    """,
    counterexample="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_ORTHANC: "false", ENABLE_KEYCLOAK: "true", ENABLE_HTTPS: "true"}
            ports: ["443:443"]
          keycloak:
            image: orthancteam/orthanc-keycloak:26.4.1
            environment:
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_BOOTSTRAP_ADMIN_PASSWORD: ${ADMIN_PASSWORD:?}
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The proxy serves the scheme of the public address."""
    if any(
        service.product in {Product.TRAEFIK, Product.CADDY, Product.APACHE} for service in deployment.services
    ):
        return  # an outer proxy has the certificate
    for service in deployment.services:
        if not containers.repository(service).startswith("orthancteam/orthanc-nginx"):
            continue
        has_tls = service.variable("ENABLE_HTTPS") == "true"
        for address in addresses.public_addresses(deployment):
            is_https = address.url.startswith("https://")
            if (
                is_https != has_tls
                and not addresses.is_loopback(address.host)
                and any(containers.open_ports(service))
            ):
                what = "does not serve https" if is_https else "serves https only"
                yield Finding(
                    RULE,
                    f"`{address.name}` is `{address.url}`, and the reverse proxy {what}",
                    address.location,
                    'set `ENABLE_HTTPS: "true"` and write `https://`',
                    related=((service.locate_variable("ENABLE_HTTPS"), "ENABLE_HTTPS"),),
                    confidence=Confidence.LIKELY if is_https else Confidence.CERTAIN,
                )
                return
