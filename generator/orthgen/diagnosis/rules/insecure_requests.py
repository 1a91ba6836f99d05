"""Requests that went to an address that cannot work."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import (
    Exchange,
    ObservedDeployment,
)

MIXED = Rule(
    "http-request-on-https-page",
    Severity.ERROR,
    summary="A page with https sent a request to an `http://` address.",
    consequence="Browsers block such requests: images and PDFs do not load.",
    remedy="Let the reverse proxy tell Orthanc the public scheme and host (`Forwarded`), and write https addresses into OHIF and Orthanc.",
    file="request.http",
    example="""
        GET http://pacs.example.org/dicom-web/studies/1.2/series/1.3/metadata HTTP/1.1
        Host: pacs.example.org
        Referer: https://pacs.example.org/ohif/viewer
    """,
    counterexample="""
        GET https://pacs.example.org/dicom-web/studies/1.2/series/1.3/metadata HTTP/1.1
        Host: pacs.example.org
        Referer: https://pacs.example.org/ohif/viewer
    """,
)
PLAIN = Rule(
    "https-to-plain-port",
    Severity.ERROR,
    summary="A request by https went to Orthanc's own port, which speaks http.",
    consequence="The connection fails: `wrong version number`, or `connection refused` where the port is not published.",
    remedy="Send the request to the reverse proxy, with its path, and with a token or an API key.",
    file="request.http",
    example="""
        PUT https://pacs.example.org:8042/modalities/ct HTTP/1.1
        Host: pacs.example.org:8042
    """,
    counterexample="""
        PUT https://pacs.example.org/orthanc/modalities/ct HTTP/1.1
        Host: pacs.example.org
    """,
)
LOCAL = Rule(
    "request-to-localhost",
    Severity.ERROR,
    summary="A page of another host sent a request to `localhost`.",
    consequence="The request goes to the person's own machine, where nothing answers: the sign-in or the viewer stays blank.",
    remedy="Write the public address in place of `localhost`: `OrthancExplorer2.Keycloak.Url`, `KC_HOSTNAME`, the public roots.",
    file="request.http",
    example="""
        GET http://localhost/keycloak/realms/orthanc/protocol/openid-connect/3p-cookies/step1.html HTTP/1.1
        Host: localhost
        Referer: http://pacs.example.org/orthanc/ui/app/
    """,
    counterexample="""
        GET http://pacs.example.org/keycloak/realms/orthanc/protocol/openid-connect/3p-cookies/step1.html HTTP/1.1
        Host: pacs.example.org
        Referer: http://pacs.example.org/orthanc/ui/app/
    """,
)
RULES = (MIXED, PLAIN, LOCAL)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Requests go to addresses that answer."""
    seen: set[tuple[str, str]] = set()
    for exchange in deployment.exchanges:
        for rule, message in _problems(deployment, exchange):
            if (rule.id, message) not in seen:
                seen.add((rule.id, message))
                yield Finding(rule, message, exchange.location, rule.remedy)


def _problems(deployment: ObservedDeployment, exchange: Exchange) -> Iterator[tuple[Rule, str]]:
    page = exchange.header("Referer") or exchange.header("Origin") or ""
    url = f"{exchange.scheme or 'http'}://{exchange.header('Host') or ''}"
    host, page_host = addresses.host(url), addresses.host(page)
    if page.startswith("https://") and exchange.scheme == "http" and not addresses.is_loopback(host):
        yield MIXED, f"the page is on https, the request on `{url}`"
    if page_host and addresses.is_loopback(host) and not addresses.is_loopback(page_host):
        yield LOCAL, f"a page of `{page_host}` asks `{host}`, which is the person's own machine"
    has_tls = any(orthancs.is_on(each, "SslEnabled", default=False) for each in deployment.orthancs)
    ports = {orthancs.http_port(each) for each in deployment.orthancs} or {8042}
    if exchange.scheme == "https" and addresses.port_of(url) in ports and not has_tls:
        yield PLAIN, f"`{url}` speaks http, not https"
