"""Links that never end."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILE = """
    {"OrthancExplorer2": {"UiOptions": {"EnableShares": true, "ShareDuration": DAYS}}, "Authorization": {"WebServiceTokenCreationBaseUrl": "http://orthanc-auth-service:8000/tokens/"}}
"""
RULE = Rule(
    "share-never-ends",
    Severity.NOTE,
    summary="`ShareDuration` is 0: links of shares never end.",
    consequence="A link that was forwarded, or is in an old mail, opens the study for all time; it cannot be taken back.",
    remedy="Write a number of days.",
    file="orthanc.json",
    example=_FILE.replace("DAYS", "0"),
    counterexample=_FILE.replace("DAYS", "14"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Links end."""
    for orthanc in deployment.orthancs:
        path = ("OrthancExplorer2", "UiOptions", "ShareDuration")
        if orthanc.settings.get(*path) == 0 and orthancs.is_on(
            orthanc, *path[:-1], "EnableShares", default=False
        ):
            yield Finding(
                RULE,
                "links of shares never end",
                orthanc.settings.locate(path),
                "write a number of days",
                replacement="14",
            )
