"""A request by http from a page with https."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.recording_model import Exchange

RULE = Rule(
    "http-request-on-https-page",
    Severity.ERROR,
    summary="A page with https sent a request to an `http://` address.",
    consequence="Browsers block such requests: images and PDFs do not load.",
    remedy="Let the reverse proxy tell Orthanc the public scheme and host (`Forwarded`), and write https addresses into OHIF and "
    "Orthanc.",
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


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Pages with https send their requests by https."""
    for exchange, problem in addresses.distinct_problems(deployment, _problem):
        yield Finding(RULE, problem, exchange.location, RULE.remedy)


def _problem(exchange: Exchange) -> str:
    page, url = addresses.page_of(exchange), addresses.url_of(exchange)
    is_mixed = page.startswith("https://") and exchange.scheme == "http"
    is_local = addresses.is_loopback(addresses.host(url))
    return f"the page is on https, the request on `{url}`" if is_mixed and not is_local else ""
