"""Links that open a study for changes."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {"UiOptions": {"EnableShares": SHARES}}
    }
"""
RULE = Rule(
    "links-open-writing",
    Severity.NOTE,
    summary="Shares are on, and neither the authorization plugin (to 0.11.4) nor the auth-service looks at the method of a request "
    "with a link.",
    consequence="A person with a link to a study can delete and change the study, with any program that sends requests.",
    remedy="Let the reverse proxy refuse everything but reading for tokens of links: `orthgen render` writes such a guard.",
    file="orthanc.json",
    example=_FILES.replace("SHARES", "true"),
    counterexample=_FILES.replace("SHARES", "false"),
    also=("links-open-archives",),
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Links are for reading."""
    if any(routing.is_guarded(server) for proxy in deployment.proxies for server in proxy.servers):
        return
    for orthanc in orthancs.with_shares(deployment):
        yield Finding(
            RULE,
            "a link opens its study for every method: DELETE and PUT, too",
            orthanc.settings.locate(("OrthancExplorer2", "UiOptions", "EnableShares")),
            "let the reverse proxy allow reading only",
        )
