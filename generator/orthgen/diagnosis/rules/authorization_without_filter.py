"""An authorization plugin that filters nothing."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "authorization-without-filter",
    Severity.ERROR,
    summary="The authorization plugin has no address that it could ask, and Orthanc asks for no password.",
    consequence="Everybody who reaches Orthanc reads, changes and deletes every study. Orthanc logs `insecure setup`.",
    remedy="Set `Authorization.WebServiceRootUrl` to the auth-service, or `AuthenticationEnabled` to true with "
    "`RegisteredUsers`.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "RemoteAccessAllowed": true,
          "Authorization": {"WebServiceTokenCreationBaseUrl": "http://orthanc-auth-service:8000/tokens/"}
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "RemoteAccessAllowed": true,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A plugin that is configured decides, or Orthanc itself does."""
    for orthanc in deployment.orthancs:
        values = orthancs.section(orthanc, "Authorization")
        if not values or orthancs.filters(orthanc) or orthancs.authenticates(orthanc):
            continue
        if not orthancs.loads(orthanc, "Authorization") or not (
            orthanc.is_complete or "WebServiceTokenCreationBaseUrl" in values
        ):
            continue
        yield Finding(
            RULE,
            "the authorization plugin has no address to ask, and `AuthenticationEnabled` is false: everything is open",
            orthancs.place(orthanc, "Authorization"),
            'set `"WebServiceRootUrl": "http://orthanc-auth-service:8000/"`',
            related=((orthancs.place(orthanc, "AuthenticationEnabled"), "AuthenticationEnabled"),),
            confidence=Confidence.CERTAIN if orthanc.is_complete else Confidence.LIKELY,
        )
