"""Users and passwords that Orthanc does not ask for."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "unused-registered-users",
    Severity.WARNING,
    summary="`RegisteredUsers` has users, and `AuthenticationEnabled` is false.",
    consequence="Nobody is asked for these passwords: the archive is as open as without them.",
    remedy="Set `AuthenticationEnabled` to true; where the authorization plugin decides, remove `RegisteredUsers`.",
    file="orthanc.json",
    example='{"AuthenticationEnabled": false, "RegisteredUsers": {"reception": "a-long-password-1"}}',
    counterexample='{"AuthenticationEnabled": true, "RegisteredUsers": {"reception": "a-long-password-1"}}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Passwords that are written are asked for."""
    for orthanc in deployment.orthancs:
        if orthanc.settings.get("RegisteredUsers") and not orthancs.authenticates(orthanc):
            yield Finding(
                RULE,
                "`RegisteredUsers` has no effect, because `AuthenticationEnabled` is false",
                orthancs.place(orthanc, "RegisteredUsers"),
                "set `AuthenticationEnabled` to true, or remove the users",
                related=((orthancs.place(orthanc, "AuthenticationEnabled"), "AuthenticationEnabled"),),
            )
