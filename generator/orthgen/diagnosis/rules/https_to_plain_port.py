"""A request by https to a port that speaks http."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from orthgen.diagnosis.facts import addresses
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.recording_model import Exchange

RULE = Rule(
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


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Requests to the port of Orthanc speak its protocol."""
    for exchange, problem in addresses.distinct_problems(deployment, partial(_problem, deployment)):
        yield Finding(RULE, problem, exchange.location, RULE.remedy)


def _problem(deployment: ObservedDeployment, exchange: Exchange) -> str:
    url = addresses.url_of(exchange)
    has_tls = any(orthancs.is_on(each, "SslEnabled", default=False) for each in deployment.orthancs)
    ports = {orthancs.http_port(each) for each in deployment.orthancs} or {8042}
    is_plain = exchange.scheme == "https" and addresses.port_of(url) in ports and not has_tls
    return f"`{url}` speaks http, not https" if is_plain else ""
