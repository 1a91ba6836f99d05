"""A reverse proxy with https that does not tell Orthanc so."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import routing
from orthgen.diagnosis.facts.containers import is_true
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "https-not-forwarded",
    Severity.ERROR,
    summary="The reverse proxy serves https and does not forward the scheme and the host so that DICOMweb reads them.",
    consequence="DICOMweb writes `http://` addresses into its answers: browsers refuse them on an https page, and viewers show no "
    "PDF and no image with bulk data.",
    remedy='Write `proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";`, or both `X-Forwarded-Host` and '
    "`X-Forwarded-Proto`: DICOMweb ignores one of them alone.",
    file="nginx.conf",
    example="""
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-Proto $scheme;
                auth_basic "pacs";
                client_max_body_size 0;
            }
        }
    """,
    counterexample="""
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
                auth_basic "pacs";
                client_max_body_size 0;
            }
        }
    """,
    is_about_absence=True,
)
_NGINX_HEADER = 'proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";'
_HEADERS = {
    Product.APACHE: 'RequestHeader set X-Forwarded-Proto "https"',
    Product.HAPROXY: "http-request set-header X-Forwarded-Proto https` and `http-request set-header X-Forwarded-Host %[req.hdr(Host)]",
    Product.IIS: '<set name="HTTP_X_FORWARDED_PROTO" value="https" />` and `<set name="HTTP_X_FORWARDED_HOST" value="{HTTP_HOST}" />',
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """DICOMweb learns the public address."""
    if any(orthanc.settings.get("DicomWeb", "Host") for orthanc in deployment.orthancs):
        return  # then DICOMweb reads no such header; `fixed-dicomweb-host` looks at the address
    is_https = any(is_true(orthanc.settings.get("DicomWeb", "Ssl")) for orthanc in deployment.orthancs)
    for proxy in deployment.proxies:
        if proxy.product in {Product.TRAEFIK, Product.CADDY, Product.INGRESS}:
            continue  # they set the X-Forwarded headers themselves
        is_apache, is_nginx = proxy.product is Product.APACHE, proxy.product is Product.NGINX
        for server in proxy.servers:
            for location in routing.dicomweb_locations(deployment, proxy, server) if server.uses_tls else ():
                forwarded = routing.header_value(location, "Forwarded")
                if "proto=" in forwarded and "host=" in forwarded:
                    continue
                names = [
                    name
                    for name in ("X-Forwarded-Host", "X-Forwarded-Proto")
                    if routing.header(location, name) is None
                    # Apache's mod_proxy_http sets X-Forwarded-Host, and not the scheme.
                    and not (is_apache and name == "X-Forwarded-Host")
                ]
                if (
                    not names
                    or routing.may_say_more(location)
                    or (is_https and routing.header(location, "Host") is not None)
                ):
                    continue  # the scheme stands in `DicomWeb.Ssl`, and `Host` has the name
                found = {"X-Forwarded-Host", "X-Forwarded-Proto"} - set(names)
                given = (
                    f"`{found.pop()}` alone is ignored by DICOMweb"
                    if found
                    else "nothing tells DICOMweb the public address"
                )
                yield Finding(
                    RULE,
                    f"{given}: `{names[0]}` is missing" if len(names) == 1 else given,
                    location.location,
                    f"add `{_HEADERS.get(proxy.product, _NGINX_HEADER)}`",
                    replacement=_NGINX_HEADER if is_nginx else "",
                    change=EditKind.ADDITION,
                    related=routing.lost_header(server, names) if is_nginx else (),
                )
