"""Answers of Orthanc that every site may read."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import answer_headers, routing
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "open-cors",
    Severity.WARNING,
    summary="The reverse proxy lets pages of every site read answers of Orthanc (`Access-Control-Allow-Origin: *`).",
    consequence="A page that a person opens beside the archive reads studies with a leaked token, or without one where Orthanc asks "
    "for nothing in this network.",
    remedy="Remove the header: viewers on the same origin do not need it. Else name the one origin that does.",
    file="nginx.conf",
    example="""
        server {
            listen 443 ssl;
            server_name pacs.example.org;
            location / {
                proxy_pass http://orthanc:8042;
                proxy_set_header Host $http_host;
                proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$http_host";
                auth_basic "pacs";
                client_max_body_size 0;
                add_header Access-Control-Allow-Origin *;
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
                add_header Access-Control-Allow-Origin https://viewer.example.org;
            }
        }
    """,
)

_HEADER = "Access-Control-Allow-Origin"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Only named sites read answers of Orthanc."""
    seen: set[Location] = set()
    for _, _, location in routing.routes(deployment, Product.ORTHANC):
        for directive in answer_headers.setting(location, _HEADER, "add_header", "more_set_headers"):
            is_open = answer_headers.words(directive)[1] in {"*", "$http_origin"}
            if is_open and directive.location not in seen:
                seen.add(directive.location)
                yield Finding(
                    RULE,
                    f"pages of every site may read answers of Orthanc below `{location.path}`",
                    directive.location,
                    "remove it, or name one origin",
                )
