"""A location for files that takes the scripts and styles of other pages."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Proxy, ProxyServer
from orthgen.observed.service_model import Product

_SITE = """
    server {
        listen 80;
        client_max_body_size 0;
        large_client_header_buffers 8 32k;
        location PATH {
            proxy_pass http://orthanc:8042;
            proxy_set_header Host $http_host;
        }
        location ~* \\.(js|css|png|svg)$ {
            root /usr/share/nginx/html;
        }
    }
"""
RULE = Rule(
    "files-taken-by-expression",
    Severity.ERROR,
    summary="nginx takes a location with an expression rather than a prefix location without `^~`. One for scripts, styles or pictures "
    "also takes those of Orthanc Explorer 2, of OHIF or of Keycloak, and looks for them elsewhere.",
    consequence="The pages stay blank or have no style; the browser's console shows 404 for their scripts.",
    remedy="Write `location ^~ /…` for the pages, or limit the expression to the paths of its own files.",
    file="nginx.conf",
    example=_SITE.replace("PATH", "/"),
    counterexample=_SITE.replace("PATH", "^~ /"),
)
# A script and a style of each product's pages, below the path of the product.
_FILES = {
    Product.ORTHANC: ("ui/app/assets/index.js", "ui/app/assets/index.css"),
    Product.OHIF: ("app.bundle.js", "app.bundle.css"),
    Product.KEYCLOAK: (
        "resources/x/login/keycloak.v2/js/menu-button-links.js",
        "resources/x/login/keycloak.v2/css/styles.css",
    ),
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The files of pages come from the program that has the pages."""
    seen: set[Location] = set()
    for product, names in _FILES.items():
        for proxy, server, location in routing.routes(deployment, product):
            prefix = routing.prefix(location)
            if not prefix.endswith("/") or location.modifier == "^~":
                continue
            for name in names:
                place = _taken(deployment, proxy, server, prefix + name, product)
                if place is not None and place not in seen:
                    seen.add(place)
                    yield Finding(
                        RULE,
                        f"this location takes `{prefix}{name}`, a file of {_NAMES[product]}",
                        place,
                        f"write `location ^~ {prefix}` for {_NAMES[product]}",
                        related=((location.location, _NAMES[product]),),
                    )


_NAMES = {Product.ORTHANC: "Orthanc", Product.OHIF: "OHIF", Product.KEYCLOAK: "Keycloak"}


def _taken(
    deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer, path: str, product: Product
) -> Location | None:
    """The place of an expression's location that takes a path and does not lead to the product; None where none does."""
    location = routing.location_for(server, path)
    if location is None or location.modifier not in {"~", "~*"}:
        return None
    leads = routing.leads_to(deployment, proxy, location, product) or "$" in location.upstream
    return None if leads else location.location
