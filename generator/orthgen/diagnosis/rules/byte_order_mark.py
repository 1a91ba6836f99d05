"""A byte order mark in a file whose reader does not accept it."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product
from orthgen.observed.shown_texts import ShownTexts

_MARK = "\ufeff"
RULE = Rule(
    "byte-order-mark",
    Severity.ERROR,
    summary="The file begins with a byte order mark, and the program that reads it takes the mark for a part of the text.",
    consequence="The container stops at its start, or starts without the settings of this file: `Unable to parse Json file`, "
    "`Unexpected UTF-8 BOM`, `unknown directive`.",
    remedy="Save the file as UTF-8 without a byte order mark (BOM). Orthanc itself and Keycloak accept the mark; the start script of "
    "the image `orthancteam/orthanc`, the auth-service and nginx do not.",
    file="nginx.conf",
    example=f"""
        ==> nginx.conf <==
        {_MARK}# U+FEFF is in front of this line.
        server {{
            listen 80;
            location /ohif/ {{
                root /usr/share/nginx/html;
            }}
        }}
    """,
    counterexample="""
        ==> nginx.conf <==
        server {
            listen 80;
            location /ohif/ {
                root /usr/share/nginx/html;
            }
        }
    """,
    also=("ohif-not-isolated",),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A program reads each file from its first character."""
    texts, readers = deployment.texts, dict(_readers(deployment))
    for file, reader in readers.items():
        if isinstance(texts, ShownTexts) and texts.begins_with(file, _MARK):
            yield Finding(
                RULE,
                f"the file begins with a byte order mark, which {reader} does not accept",
                Location(file, 1, 1),
                "save it as UTF-8 without a byte order mark",
            )


def _readers(deployment: ObservedDeployment) -> Iterator[tuple[str, str]]:
    """The files, each with the program that reads it."""
    for orthanc in deployment.orthancs:
        if orthancs.is_orthancteam_image(orthanc):
            for layer in orthanc.settings.layers:
                yield layer.name, "the image `orthancteam/orthanc`"
    for auth_service in deployment.auth_services:
        for document in (auth_service.permissions, auth_service.anonymous_profile):
            if document is not None:
                yield document.file, "the auth-service"
    for proxy in deployment.proxies:
        if proxy.product is Product.NGINX:
            for server in proxy.servers:
                yield server.location.file, "nginx"
                yield from ((location.location.file, "nginx") for location in server.locations)
