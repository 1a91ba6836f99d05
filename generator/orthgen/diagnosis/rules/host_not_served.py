"""A public host name that the reverse proxy does not serve."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_SITE = """
    ==> docker-compose.yml <==
    services:
      nginx:
        image: nginx:1.30.6
        ports: ["443:443"]
        volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.7.0
        environment:
          SECRET_KEY: ${SECRET_KEY:?}
          USERS: ${USERS:?}
          PUBLIC_ORTHANC_ROOT: https://pacs.example.org/
    ==> default.conf <==
    server {
        listen 443 ssl;
        server_name NAME;
        location / {
            proxy_pass http://orthanc.example.org:8042;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
            client_max_body_size 0;
        }
    }
"""
RULE = Rule(
    "host-not-served",
    Severity.WARNING,
    summary="No server of the reverse proxy has the public host name in its `server_name`.",
    consequence="The public address shows another page, or the certificate of another name.",
    remedy="Add the host to `server_name`.",
    file="docker-compose.yml",
    example=_SITE.replace("NAME", "pacs.example.net"),
    counterexample=_SITE.replace("NAME", "pacs.example.org"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The reverse proxy serves the public host."""
    routes = list(routing.routes(deployment, Product.ORTHANC))
    names = {name.strip("[]").lower() for _, server, _ in routes for name in server.names}
    if not names or any(_is_any(name) for name in names):
        return
    for address in addresses.link_addresses(deployment):
        if address.name not in {"PUBLIC_ORTHANC_ROOT", "PUBLIC_LANDING_ROOT"} or addresses.is_loopback(
            address.host
        ):
            continue
        if address.host not in names:
            named = [each for each in routes[0][1].directives if each.name == "server_name"]
            listed = ", ".join(f"`{name}`" for name in sorted(names))
            yield Finding(
                RULE,
                f"`{address.name}` is on `{address.host}`, and the reverse proxy serves Orthanc at {listed}",
                named[-1].location if named else routes[0][1].location,
                f"write `server_name {address.host};`",
                related=((address.location, address.name),),
                replacement=f"server_name {address.host};" if named else "",
                change=EditKind.DIRECTIVE,
            )
            return


def _is_any(name: str) -> bool:
    """Whether a server name stands for several hosts, or for none in particular."""
    return (
        name in {"", "_", "localhost"}
        or name.startswith(("*", "~", ".", ":"))
        or "$" in name
        or "." not in name
    )
