"""A scheme that an inner reverse proxy replaces by its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orthgen.diagnosis.facts import addresses, routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Proxy
from orthgen.observed.service_model import Product

RULE = Rule(
    "https-forwarded-as-http",
    Severity.ERROR,
    summary="The public address has https, the reverse proxy listens without it, and sets the forwarded scheme to its own.",
    consequence="Keycloak and DICOMweb take the request for http: `Invalid parameter: redirect_uri`, a sign-in without end, or images "
    "that browsers refuse.",
    remedy="Forward what the outer proxy says: `proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;` (or write `https`).",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
            ports: ["127.0.0.1:80:80"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/
        ==> default.conf <==
        server {
            listen 80;
            location / {
                proxy_pass http://orthanc.example.org:8042;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-Host $http_host;
                proxy_set_header X-Forwarded-Proto $scheme;
                auth_basic "pacs";
                client_max_body_size 0;
            }
        }
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
            ports: ["127.0.0.1:80:80"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/
        ==> default.conf <==
        server {
            listen 80;
            location / {
                proxy_pass http://orthanc.example.org:8042;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-Host $http_host;
                proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
                auth_basic "pacs";
                client_max_body_size 0;
            }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The forwarded scheme is the public one."""
    secure = [each for each in addresses.public_addresses(deployment) if each.url.startswith("https://")]
    proxies = [
        proxy
        for proxy in deployment.proxies
        if proxy.product is Product.NGINX and not routing.is_built_in(proxy)
    ]
    yield from _fixed(deployment, proxies)
    if not secure or any(server.uses_tls for proxy in proxies for server in proxy.servers):
        return
    hosts = {address.host for address in secure}
    for proxy in proxies:
        for server in proxy.servers:
            names = {name for name in server.names if "." in name}
            if names and not names & hosts:
                continue
            for location in server.locations:
                if not any(
                    routing.leads_to(deployment, proxy, location, product)
                    for product in (Product.ORTHANC, Product.KEYCLOAK)
                ):
                    continue
                for name in ("X-Forwarded-Proto", "Forwarded"):
                    directive = routing.header(location, name)
                    if directive is not None and "$scheme" in " ".join(directive.arguments[1:]):
                        yield Finding(
                            RULE,
                            f"`{name}` says http, the scheme of this proxy; the public address is `{secure[0].origin}`",
                            directive.location,
                            "write `$http_x_forwarded_proto` instead of `$scheme`",
                            related=((secure[0].location, secure[0].name),),
                            replacement="$http_x_forwarded_proto",
                            replaced="$scheme",
                        )


def _fixed(deployment: ObservedDeployment, proxies: Sequence[Proxy]) -> Iterator[Finding]:
    """The locations of https servers that write the scheme http."""
    for proxy in proxies:
        for server in proxy.servers:
            for location in server.locations if server.uses_tls else ():
                directive = routing.header(location, "X-Forwarded-Proto")
                products = (Product.ORTHANC, Product.KEYCLOAK)
                if directive is None or directive.arguments[1:] != ("http",):
                    continue
                if any(routing.leads_to(deployment, proxy, location, product) for product in products):
                    yield Finding(
                        RULE,
                        "`X-Forwarded-Proto` is always http, and this server serves https",
                        directive.location,
                        "write `$scheme`",
                        replacement="proxy_set_header X-Forwarded-Proto $scheme;",
                        change=EditKind.DIRECTIVE,
                    )
