"""A realm that lets programs guess passwords."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "realm-without-lock-out",
    Severity.WARNING,
    summary="The realm does not slow down people who guess passwords.",
    consequence="A program tries passwords of an account as fast as Keycloak answers.",
    remedy='Write `"bruteForceProtected": true`.',
    file="realm.json",
    example='{"realm": "orthanc", "enabled": true, "bruteForceProtected": false}',
    counterexample='{"realm": "orthanc", "enabled": true, "bruteForceProtected": true}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Realms limit the number of guesses."""
    for realm in identity.realms(deployment):
        if realm.value.get("bruteForceProtected") is False:
            yield Finding(
                RULE,
                "the realm does not limit the number of guesses",
                realm.locate(("bruteForceProtected",)),
                "write `true`",
                replacement="true",
            )
