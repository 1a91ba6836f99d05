"""A path that the reverse proxy passes on to an Orthanc that does not serve it."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import routing
from orthgen.diagnosis.facts.addresses import folder
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        client_max_body_size 0;
        location /orthanc/ {
            proxy_pass http://orthanc:8042SLASH;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
        }
    }
"""
RULE = Rule(
    "prefix-not-removed",
    Severity.ERROR,
    summary="The reverse proxy serves Orthanc below a path, and passes this path on: Orthanc knows no such path.",
    consequence="Every page below the path answers 404: `Unknown resource`.",
    remedy="Let the reverse proxy remove the path: `proxy_pass http://orthanc:8042/;`, with a slash at the end, in nginx; `handle_path` "
    "in Caddy; a middleware with `stripprefix` in Traefik.",
    file="nginx.conf",
    example=_FILES.replace("SLASH", ""),
    counterexample=_FILES.replace("SLASH", "/"),
)
_REMEDIES = {
    Product.CADDY: "write `handle_path {path}/*`, which removes the path",
    Product.TRAEFIK: "add a middleware with `stripprefix.prefixes={path}` to the router",
    Product.HAPROXY: r"add `http-request replace-path {path}/(.*) /\1` to the backend",
    Product.INGRESS: "write the path `{path}(/|$)(.*)` with `pathType: ImplementationSpecific` and the annotation "
    "`nginx.ingress.kubernetes.io/rewrite-target: /$2`",
    Product.IIS: "write the group behind the path into the address: `http://HOST:8042/{{R:1}}`",
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc serves what the reverse proxy passes on."""
    own = {_first(folder(str(each))) for each in _roots(deployment)}
    for proxy, _, location in routing.routes(deployment, Product.ORTHANC):
        first = _first(routing.prefix(location))
        passes = location.directive("proxy_pass")
        if (
            not first
            or first in orthancs.SERVED | own
            or location.passes_uri
            or routing.is_rewritten(location)
        ):
            continue
        if not passes:
            if proxy.product in _REMEDIES and not location.directive("middleware"):
                yield Finding(
                    RULE,
                    f"Orthanc gets `{location.path}`, which it does not serve",
                    location.location,
                    _REMEDIES[proxy.product].format(path=location.path.rstrip("/")),
                )
            continue
        better = f"proxy_pass {passes[-1].arguments[0]}/;"
        is_folder = location.path.endswith("/")
        yield Finding(
            RULE,
            f"Orthanc gets `{location.path}`, which it does not serve",
            passes[-1].location,
            f"write `{better}`" if is_folder else f"write `location {location.path}/` and `{better}`",
            related=((location.location, f"location {location.path}"),),
            replacement=better if is_folder else "",
            change=EditKind.DIRECTIVE,
        )


def _first(path: str) -> str:
    return path.strip("/").partition("/")[0]


def _roots(deployment: ObservedDeployment) -> Iterator[object]:
    """The paths at which the configuration lets plugins serve."""
    for orthanc in deployment.orthancs:
        for path in (
            ("DicomWeb", "Root"),
            ("OrthancExplorer2", "Root"),
            ("OHIF", "RouterBasename"),
            ("DicomWeb", "WadoRoot"),
        ):
            yield orthanc.settings.get(*path) or ""
        yield from orthanc.settings.get("ServeFolders") or ()
