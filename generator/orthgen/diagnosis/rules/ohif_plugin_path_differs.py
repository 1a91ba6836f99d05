"""A path of OHIF inside Orthanc that does not fit the reverse proxy."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "ohif-plugin-path-differs",
    Severity.ERROR,
    summary="OHIF is served by Orthanc behind a path of the reverse proxy, and `OHIF.RouterBasename` does not name that path.",
    consequence="OHIF shows a blank page: it looks for its pages below another path.",
    remedy='Write the public path: `"RouterBasename": "/orthanc/ohif/"` for a proxy that serves Orthanc at `/orthanc/`.',
    file="orthanc.json",
    example="""
        ==> orthanc.json <==
        {"DicomWeb": {"Enable": true}, "OHIF": {"DataSource": "dicom-web"}}
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
        ==> orthanc.json <==
        {"DicomWeb": {"Enable": true, "PublicRoot": "/orthanc/dicom-web/"}, "OHIF": {"DataSource": "dicom-web", "RouterBasename": "/orthanc/ohif/"}}
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
    also=("public-root-differs",),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF in Orthanc knows its public path."""
    for orthanc in deployment.orthancs:
        if (
            not orthanc.settings.has("OHIF")
            or not orthancs.loads(orthanc, "Ohif")
            or len(deployment.orthancs) > 1
        ):
            continue
        base = str(orthanc.settings.get("OHIF", "RouterBasename") or "/ohif/")
        prefixes = {
            prefix: server
            for proxy in deployment.proxies
            for server in proxy.servers
            for prefix in routing.orthanc_prefixes(deployment, proxy, server)
        }
        fitting = [f"{prefix}ohif/" for prefix in prefixes]
        if (
            fitting
            and addresses.folder(base) not in fitting
            and not _is_served(deployment, addresses.folder(base))
        ):
            related = tuple((server.location, f"Orthanc at {prefix}") for prefix, server in prefixes.items())
            better, change = orthancs.proposal(orthanc, fitting[0], "OHIF", "RouterBasename")
            yield Finding(
                RULE,
                f"OHIF looks for its pages at `{base}`, and the reverse proxy serves them at `{fitting[0]}`",
                orthancs.place(orthanc, "OHIF", "RouterBasename"),
                f'write `"RouterBasename": "{fitting[0]}"`',
                related=related,
                replacement=better,
                change=change,
            )


def _is_served(deployment: ObservedDeployment, path: str) -> bool:
    """Whether a location of its own serves that path from Orthanc."""
    return any(
        routing.prefix(location).rstrip("/") + "/" == path
        for _, _, location in routing.routes(deployment, Product.ORTHANC)
    )
