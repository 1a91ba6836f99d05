"""A port that the reverse proxy does not forward."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, keycloak, routing
from orthgen.findings import EditKind, Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product

_KEYCLOAK = """
    server {{
        listen 8443 ssl;
        server_name sso.example.org;
        proxy_buffer_size 32k;
        location / {{
            proxy_pass http://keycloak:8080;
            proxy_set_header Host {host};
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
"""
RULE = Rule(
    "port-lost",
    Severity.ERROR,
    summary="The public port is not 80 or 443, and the reverse proxy forwards the host without it (`$host`).",
    consequence="Keycloak and Orthanc write addresses without the port: `Invalid parameter: redirect_uri`, and images from another "
    "server.",
    remedy="Write `$http_host` (or `$host:$server_port`) instead of `$host`.",
    file="nginx.conf",
    example=_KEYCLOAK.format(host="$host"),
    counterexample=_KEYCLOAK.format(host="$http_host"),
)
_HOST = r"\$host(?![\w:])"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The port is forwarded with the host."""
    ports = {str(addresses.port_of(each.url)) for each in addresses.public_addresses(deployment)}
    seen: set[Location] = set()
    for proxy in deployment.proxies:
        for server in proxy.servers:
            port = _odd_port(proxy, server)
            if port is None or (ports and port not in ports):
                continue  # an outer proxy has the public port
            for location in server.locations:
                directive = _host_header(deployment, proxy, location)
                if directive is None or directive.location in seen:
                    continue
                name, *words = directive.arguments
                value = " ".join(words)
                if re.search(_HOST, value):
                    seen.add(directive.location)
                    better = re.sub(_HOST, "$http_host", value)
                    yield Finding(
                        RULE,
                        f"`{name}` loses the public port {port}: `$host` has none",
                        directive.location,
                        "write `$http_host`",
                        related=((server.location, f"port {port}"),),
                        replacement=f'proxy_set_header {name} "{better}";',
                        change=EditKind.DIRECTIVE,
                    )


def _host_header(deployment: ObservedDeployment, proxy: Proxy, location: ProxyLocation) -> Directive | None:
    """The header from which the service behind a location takes the public host."""
    if routing.leads_to(deployment, proxy, location, Product.KEYCLOAK):
        return None if _knows_address(deployment) else _first(location, ("X-Forwarded-Host", "Host"))
    if routing.leads_to(deployment, proxy, location, Product.ORTHANC):
        has_both = routing.header(location, "X-Forwarded-Host") and routing.header(
            location, "X-Forwarded-Proto"
        )
        return _first(location, ("X-Forwarded-Host",) if has_both else ("Forwarded", "Host"))
    return None


def _first(location: ProxyLocation, names: tuple[str, ...]) -> Directive | None:
    return next((found for name in names if (found := routing.header(location, name)) is not None), None)


def _odd_port(proxy: Proxy, server: ProxyServer) -> str | None:
    """The public port of a server where it is not the scheme's own."""
    for listen in server.listens:
        address = listen.arguments[0] if listen.arguments else ""
        port = address.rpartition(":")[2].rstrip("]")
        if not port.isdigit():
            continue
        is_tls = "ssl" in listen.arguments[1:] or server.uses_tls
        published = [
            each.published
            for each in (proxy.service.ports if proxy.service is not None else ())
            if each.target == port
        ]
        for public in published or ([port] if proxy.service is None else []):
            if public.isdigit() and public not in {"443" if is_tls else "80", "80"}:
                return public
    return None


def _knows_address(deployment: ObservedDeployment) -> bool:
    """Whether Keycloak has its whole address, and so does not need the header."""
    return any("://" in (keycloak.hostname(service) or "") for _, service in keycloak.servers(deployment))
