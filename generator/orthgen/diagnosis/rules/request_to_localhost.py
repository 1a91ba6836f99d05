"""A request to `localhost` from a page of another host."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.recording_model import Exchange

RULE = Rule(
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


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Pages send their requests to the deployment, not to the person's machine."""
    for exchange, problem in addresses.distinct_problems(deployment, _problem):
        yield Finding(RULE, problem, exchange.location, RULE.remedy)


def _problem(exchange: Exchange) -> str:
    host, page = addresses.host(addresses.url_of(exchange)), addresses.host(addresses.page_of(exchange))
    is_wrong = page and addresses.is_loopback(host) and not addresses.is_loopback(page)
    return f"a page of `{page}` asks `{host}`, which is the person's own machine" if is_wrong else ""
