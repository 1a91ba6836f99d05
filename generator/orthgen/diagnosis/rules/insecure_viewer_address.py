"""An `http://` address of DICOMweb in OHIF, which is served by https."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    ==> nginx.conf <==
    server {
        listen 443 ssl;
        server_name pacs.example.org;
        location /dicom-web/ {
            proxy_pass http://orthanc:8042;
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
            client_max_body_size 0;
        }
        location / {
            add_header Cross-Origin-Opener-Policy same-origin;
            add_header Cross-Origin-Embedder-Policy require-corp;
            proxy_pass http://ohif;
        }
    }
    ==> app-config.js <==
    window.config = {
      routerBasename: '/',
      dataSources: [
        {
          namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
          sourceName: 'dicomweb',
          configuration: {
            qidoRoot: 'SCHEME://pacs.example.org/dicom-web',
            wadoRoot: 'SCHEME://pacs.example.org/dicom-web',
          },
        },
      ],
    };
"""
RULE = Rule(
    "insecure-viewer-address",
    Severity.ERROR,
    summary="OHIF is served by https, and asks for studies at an `http://` address.",
    consequence="Browsers block the requests (`Mixed Content`): OHIF lists no study.",
    remedy="Write the path alone (`/dicom-web`), or an `https://` address.",
    file="app-config.js",
    example=_FILES.replace("SCHEME", "http"),
    counterexample=_FILES.replace("SCHEME", "https"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A page with https asks by https."""
    servers = [server for _, server, _ in routing.routes(deployment, Product.OHIF)]
    if not servers or not all(server.uses_tls for server in servers):
        return
    names = {name for each in servers for name in each.names}
    for address in addresses.source_addresses(deployment):
        # Browsers let pages with https ask their own machine by http. `container-name-in-browser` is about names of containers.
        is_elsewhere = not addresses.is_loopback(address.host) and address.host not in deployment.hosts
        if address.url.startswith("http://") and is_elsewhere:
            better = (addresses.split(address.url).path or "/") if address.host in names else ""
            yield Finding(
                RULE,
                f"`{address.name}` is `{address.url}`, and OHIF is served by https",
                address.location,
                f"write `{better}`" if better else "write an `https://` address",
                related=((servers[0].location, "the reverse proxy"),),
                replacement=f"'{better}'" if better else "",
            )
