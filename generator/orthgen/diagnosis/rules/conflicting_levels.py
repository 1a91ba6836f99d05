"""Two ways of naming the levels that the authorization plugin checks."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "conflicting-levels",
    Severity.ERROR,
    summary="`Authorization` has both `CheckedLevel` and `UncheckedLevels`.",
    consequence="Orthanc does not start: the authorization plugin takes only one of the two.",
    remedy='Remove `UncheckedLevels`, and keep `"CheckedLevel": "studies"`.',
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies",
            "UncheckedLevels": ["system"]
          }
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies"
          }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """One key names the levels."""
    for orthanc in deployment.orthancs:
        values = orthancs.section(orthanc, "Authorization")
        if "CheckedLevel" in values and "UncheckedLevels" in values:
            yield Finding(
                RULE,
                "`CheckedLevel` and `UncheckedLevels` together keep the plugin from starting",
                orthancs.place(orthanc, "Authorization", "UncheckedLevels"),
                "remove `UncheckedLevels`",
                related=((orthancs.place(orthanc, "Authorization", "CheckedLevel"), "CheckedLevel"),),
            )
