"""A path that OHIF's image serves otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers, routing
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product, Service

RULE = Rule(
    "ohif-prefix-differs",
    Severity.ERROR,
    summary="The reverse proxy removes `/ohif/` in front of an image that serves below `/ohif/` (26.4.0 and newer), or keeps it in "
    "front of an older one.",
    consequence="OHIF shows a blank page, or 404 for its files.",
    remedy="From `orthancteam/ohif-v3:26.4.0` on write `proxy_pass http://ohif:80;`, before it `proxy_pass http://ohif:80/;`.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
          ohif:
            image: orthancteam/ohif-v3:26.4.1
        ==> default.conf <==
        server {
            listen 80;
            location /ohif/ {
                proxy_pass http://ohif:80/;
            }
        }
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          nginx:
            image: nginx:1.30.6
            volumes: ["./default.conf:/etc/nginx/conf.d/default.conf:ro"]
          ohif:
            image: orthancteam/ohif-v3:26.4.1
        ==> default.conf <==
        server {
            listen 80;
            location /ohif/ {
                proxy_pass http://ohif:80;
            }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The path fits the image of OHIF."""
    for proxy, _, location in routing.routes(deployment, Product.OHIF):
        target = routing.upstream(proxy, location)
        service = containers.service_at(deployment, target.host) if target is not None else None
        tag = containers.version(service)
        if (
            target is None
            or routing.is_built_in(proxy)
            or containers.repository(service) != "orthancteam/ohif-v3"
            or not tag
            or routing.is_rewritten(location)
            or _has_own_server(service)
        ):
            continue
        given = target.path or location.path
        serves_below = at_least(tag, "26.4.0")
        if routing.prefix(location) and given.startswith("/ohif") != serves_below:
            place = service.image_place if service is not None else location.location
            passes = location.directive("proxy_pass")
            better = f"proxy_pass http://{target.host}:{target.port}" + (";" if serves_below else "/;")
            yield Finding(
                RULE,
                f"OHIF gets `{given}`, and this image serves {'below `/ohif/`' if serves_below else 'at `/`'}",
                passes[-1].location if passes else location.location,
                f"write `{better}`",
                related=((place, "the image"),),
                replacement=better if passes else "",
                change=EditKind.DIRECTIVE,
            )


def _has_own_server(service: Service | None) -> bool:
    """Whether OHIF's container has an nginx configuration of its own."""
    return service is not None and any(containers.mounts_at(service, "/etc/nginx"))
