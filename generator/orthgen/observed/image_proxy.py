"""
The proxy of the image orthancteam/orthanc-nginx, which makes its configuration from variables.

Facts: `catalogue/orthanc_nginx.json`. A location stands at the variable that enables it, or at the image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue import data
from orthgen.catalogue.versions import at_least
from orthgen.observed.product import release_of
from orthgen.observed.proxy_model import Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from orthgen.findings import Location
    from orthgen.observed.service_model import Service

_IMAGES = frozenset({"orthancteam/orthanc-nginx", "orthancteam/orthanc-nginx-certbot"})


def proxy_of_image(service: Service) -> Proxy | None:
    """The proxy that the image makes from this environment; None for another image."""
    image = service.image
    if image is None or image.name not in _IMAGES:
        return None
    facts = data.read("orthanc_nginx")
    release = release_of(image)
    forwards = not release or at_least(release, facts["forwarded-since"])
    locations = []
    for each in facts["locations"]:
        value = service.variable(each["variable"])
        if (value or each["default"]) != "true":
            continue
        place = image.location if value is None else service.locate_variable(each["variable"])
        before = each.get("stripped-before")
        strips = before is not None and bool(release) and not at_least(release, before)
        upstream = each["upstream"] + ("/" if strips else "")
        directives = _directives(place, forwards=forwards)
        locations.append(ProxyLocation(each["path"], "", upstream, upstream.endswith("/"), directives, place))
    uses_tls = service.variable("ENABLE_HTTPS") == "true" or image.repository.endswith("-certbot")
    place = (
        service.locate_variable("ENABLE_HTTPS") if service.environment.has("ENABLE_HTTPS") else image.location
    )
    listens = (Directive("listen", ("443", "ssl") if uses_tls else ("80",), place),)
    server = ProxyServer(listens, (), uses_tls, tuple(locations), (), image.location)
    return Proxy(Product.NGINX, (server,), {}, service)


def _directives(place: Location, *, forwards: bool) -> tuple[Directive, ...]:
    """The headers that the image sends along; before 25.8 it did not name the public origin."""
    origin = (
        ("Forwarded", "for=$proxy_add_x_forwarded_for;proto=$scheme;host=$host")
        if forwards
        else ("X-Forwarded-For", "$proxy_add_x_forwarded_for")
    )
    return (
        Directive("proxy_set_header", ("Host", "$http_host"), place),
        Directive("proxy_set_header", origin, place),
        Directive("client_max_body_size", ("0",), place),
    )
