"""A public root of DICOMweb that is not the one of the reverse proxy."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "public-root-differs",
    Severity.ERROR,
    summary="`DicomWeb.PublicRoot` is not the path at which the reverse proxy serves DICOMweb.",
    consequence="Viewers list studies, and show no PDF and no image with bulk data: the addresses in DICOMweb's answers are 404.",
    remedy='Write the public path: `"PublicRoot": "/orthanc/dicom-web/"` for a proxy that serves Orthanc at `/orthanc/`.',
    file="orthanc.json",
    example="""
        ==> orthanc.json <==
        {"DicomWeb": {"Enable": true}}
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
        {"DicomWeb": {"Enable": true, "PublicRoot": "/orthanc/dicom-web/"}}
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


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """DICOMweb writes the addresses at which it is served."""
    if len(deployment.orthancs) != 1:
        return
    orthanc = deployment.orthancs[0]
    if not orthanc.settings.has("DicomWeb") or not orthancs.is_on(
        orthanc, "DicomWeb", "Enable", default=True
    ):
        return
    root = addresses.folder(str(orthanc.settings.get("DicomWeb", "Root") or "/dicom-web/"))
    public = orthanc.settings.get("DicomWeb", "PublicRoot")
    if addresses.is_absolute(public):
        better = addresses.folder(public)
        yield Finding(
            RULE,
            f"`DicomWeb.PublicRoot` is `{public}`; DICOMweb puts scheme and host before it",
            orthancs.place(orthanc, "DicomWeb", "PublicRoot"),
            f'write `"PublicRoot": "{better}"`',
            replacement=f'"{better}"',
        )
        return
    path = addresses.folder(str(public if public is not None else root))
    served = routing.dicomweb_paths(deployment, root)
    if public is None and root != _ROOT and root in routing.dicomweb_paths(deployment, _ROOT):
        if orthancs.filters(orthanc):
            return  # `moved-dicomweb-root` says more
        yield Finding(
            RULE,
            f"`DicomWeb.Root` is `{root}`, the public path: Orthanc itself serves DICOMweb there, behind the path that the reverse "
            "proxy removes",
            orthancs.place(orthanc, "DicomWeb", "Root"),
            f'write `"Root": "{_ROOT}"` and `"PublicRoot": "{root}"`',
        )
        return
    if _is_kept(deployment, path):
        return  # `prefix-not-removed` says more
    if served and path not in served and "$" not in path and (public is not None or orthanc.is_complete):
        [(first, location), *_] = served.items()
        is_written = public is not None
        better, change = orthancs.proposal(orthanc, first, "DicomWeb", "PublicRoot")
        yield Finding(
            RULE,
            f"`DicomWeb.PublicRoot` is `{public if is_written else root}`{'' if is_written else ' by default'}, and the reverse proxy serves DICOMweb at `{first}`",
            orthancs.place(orthanc, "DicomWeb", "PublicRoot"),
            f'write `"PublicRoot": "{first}"`',
            related=((location, "the reverse proxy"),),
            replacement=better,
            change=change,
        )


def _is_kept(deployment: ObservedDeployment, path: str) -> bool:
    """Whether a reverse proxy passes the path on to Orthanc without removing what stands in front of DICOMweb."""
    for proxy, server, location in routing.routes(deployment, Product.ORTHANC):
        target = routing.upstream(proxy, location)
        is_taken = routing.location_for(server, path) is location and routing.prefix(location) not in {
            "",
            "/",
            path,
        }
        if (
            is_taken
            and target is not None
            and not target.path
            and not routing.removed_prefix(location, target)
        ):
            return True
    return False
