"""A port for https on which nginx speaks http."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Directive, ProxyServer
from orthgen.observed.service_model import Product, Service

_FILE = """
    server {
        listen 443PARAMETER;
        server_name pacs.example.org;
        ssl_certificate /tls/crt.pem;
        ssl_certificate_key /tls/key.pem;
        location / {
            proxy_pass http://orthanc:8042;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
            client_max_body_size 0;
        }
    }
"""
RULE = Rule(
    "https-port-without-ssl",
    Severity.ERROR,
    summary="nginx has a certificate for a server, and `listen` has no `ssl`; or the configuration has `ssl on`, which nginx 1.25.1 and "
    "newer does not read.",
    consequence="nginx speaks http on the port: browsers show `ERR_SSL_PROTOCOL_ERROR`. With `ssl on` it does not start: `unknown "
    'directive "ssl"`.',
    remedy="Write `listen 443 ssl;`, and remove `ssl on;`.",
    file="nginx.conf",
    example=_FILE.replace("PARAMETER", ""),
    counterexample=_FILE.replace("PARAMETER", " ssl"),
)
_REMOVED = "1.25.1"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A port for https speaks https (reference of nginx: ngx_http_ssl_module, `ssl` removed in 1.25.1)."""
    for proxy in deployment.proxies:
        for server in proxy.servers if proxy.product is Product.NGINX else ():
            old = _old_directive(server, proxy.service)
            if old is not None:
                yield Finding(
                    RULE, "this nginx knows no directive `ssl`", old.location, "write `listen 443 ssl;`"
                )
            own = [each for each in server.directives if each.name == "ssl_certificate"]
            # Other ports may be there for a redirect.
            ports = [each for each in server.listens if each.arguments and each.arguments[0].endswith("443")]
            if own and ports and not server.uses_tls and old is None:
                listen = ports[0]
                yield Finding(
                    RULE,
                    "nginx has a certificate for this server, and `listen` has no `ssl`",
                    listen.location,
                    f"write `listen {listen.arguments[0]} ssl;`",
                    related=((own[-1].location, "the certificate"),),
                )


def _old_directive(server: ProxyServer, service: Service | None) -> Directive | None:
    """The directive `ssl` where the image of nginx does not read it any more."""
    version = containers.version(service) if containers.repository(service) == "nginx" else ""
    directive = next((each for each in server.directives if each.name == "ssl"), None)
    return directive if version and at_least(version, _REMOVED) else None
