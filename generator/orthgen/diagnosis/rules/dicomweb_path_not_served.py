"""Paths of DICOMweb in OHIF that the reverse proxy does not serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import addresses, routing
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product
from orthgen.observed.settings import Settings

RULE = Rule(
    "dicomweb-path-not-served",
    Severity.ERROR,
    summary="OHIF asks for studies at a path that the reverse proxy does not pass to Orthanc.",
    consequence="The list of studies stays empty, with 404 in the browser's console.",
    remedy="Write the public path of DICOMweb into `qidoRoot` and `wadoRoot`, or add a location for it.",
    file="app-config.js",
    example="""
        ==> app-config.js <==
        window.config = {
          routerBasename: '/ohif',
          dataSources: [
            {
              namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
              sourceName: 'orthanc',
              configuration: { qidoRoot: '/dicom-web', wadoRoot: '/dicom-web' },
            },
          ],
        };
        ==> nginx.conf <==
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location /orthanc/ {
                proxy_pass http://orthanc:8042/;
                proxy_set_header Host $http_host;
                proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
                client_max_body_size 0;
            }
        }
    """,
    counterexample="""
        ==> app-config.js <==
        window.config = {
          routerBasename: '/ohif',
          dataSources: [
            {
              namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
              sourceName: 'orthanc',
              configuration: { qidoRoot: '/orthanc/dicom-web', wadoRoot: '/orthanc/dicom-web' },
            },
          ],
        };
        ==> nginx.conf <==
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location /orthanc/ {
                proxy_pass http://orthanc:8042/;
                proxy_set_header Host $http_host;
                proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
                client_max_body_size 0;
            }
        }
    """,
)
_ROOT = "/dicom-web/"
_KEYS = ("qidoRoot", "wadoRoot", "wadoUriRoot")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The reverse proxy passes OHIF's requests to Orthanc."""
    roots = {
        addresses.folder(str(each.settings.get("DicomWeb", "Root") or _ROOT)) for each in deployment.orthancs
    }
    served: dict[str, Location] = {}
    for root in roots or {_ROOT}:
        served |= routing.dicomweb_paths(deployment, root)
    names = {name for proxy in deployment.proxies for server in proxy.servers for name in server.names}
    for ohif in deployment.ohifs:
        for path, value in _roots(ohif.settings):
            problem = _own_port(deployment, value)
            if path[-1] == "wadoRoot" and value.rstrip("/").endswith("/wado"):
                problem = f"`wadoRoot` is `{value}`, where WADO-URI is: OHIF asks for images by DICOMweb, at `qidoRoot`"
            if _doubles_slash(deployment, value):
                problem = f"`{path[-1]}` ends in a slash: OHIF asks for `{value}/studies`, which Orthanc refuses because of the empty part"
            if value.rstrip("/").endswith("/studies"):
                problem = f"OHIF adds `/studies` to `{path[-1]}`, and `{value}` has it already"
            if not value.startswith(("/", "http")):
                problem = f"`{path[-1]}` is `{value}`: the browser looks for it below the page of OHIF, because it does not begin with `/`"
            is_ours = not value.startswith("http") or addresses.host(value) in names
            if not problem and served and is_ours and addresses.folder(value) not in served:
                listed = ", ".join(f"`{each}`" for each in served)
                problem = f"`{path[-1]}` is `{value}`, and the reverse proxy serves DICOMweb at {listed}"
            if problem:
                related = tuple(
                    (location, "the reverse proxy") for location in dict.fromkeys(served.values())
                )
                yield Finding(
                    RULE,
                    problem,
                    ohif.settings.locate(path),
                    f"write `{value.rstrip('/')}`"
                    if problem.startswith(f"`{path[-1]}` ends")
                    else "write the public path of DICOMweb",
                    related=related,
                )
                break


def _roots(settings: Settings) -> Iterator[tuple[Path, str]]:
    for kind in ("dataSources", "servers"):
        for index, source in enumerate(as_list(settings.get(kind))):
            values = source.get("configuration") if isinstance(source, Mapping) else None
            for key in _KEYS if isinstance(values, Mapping) else ():
                value = values.get(key) if isinstance(values, Mapping) else None
                if isinstance(value, str) and "$" not in value and key != "wadoUriRoot":
                    yield (kind, index, "configuration", key), value


def _own_port(deployment: ObservedDeployment, url: str) -> str:
    """The reason why an address at Orthanc's own port fails behind a reverse proxy; empty where it may not."""
    if addresses.port_of(url) != 8042:
        return ""
    if addresses.folder(url) == "/":
        return f"`{url}` is Orthanc's own REST API: DICOMweb is below `/dicom-web/`"
    prefixes = [
        prefix
        for proxy in deployment.proxies
        for server in proxy.servers
        for prefix in routing.orthanc_prefixes(deployment, proxy, server)
    ]
    path = addresses.split(url).path
    prefix = next((each for each in prefixes if each != "/" and path.startswith(each)), "")
    return (
        f"`{url}` has the path of the reverse proxy (`{prefix}`) and the port of Orthanc, which does not know that path"
        if prefix
        else ""
    )


def _doubles_slash(deployment: ObservedDeployment, url: str) -> bool:
    """
    Whether Orthanc gets two slashes in a row: nginx passes an address on as it came, unless `proxy_pass` has a path.

    Orthanc 1.12.11 refuses an empty part of a path (Toolbox::SplitUriComponents).
    """
    path = addresses.split(url).path
    taken = [
        location
        for proxy in deployment.proxies
        if proxy.product is Product.NGINX
        for server in proxy.servers
        if (location := routing.location_for(server, path)) is not None
        and routing.leads_to(deployment, proxy, location, Product.ORTHANC)
    ]
    is_kept = all(not location.passes_uri and not routing.is_rewritten(location) for location in taken)
    return len(path) > 1 and path.endswith("/") and bool(taken) and is_kept
