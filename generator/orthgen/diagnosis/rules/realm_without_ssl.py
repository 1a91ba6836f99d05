"""A realm that accepts sign-ins without https."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "realm-without-ssl",
    Severity.WARNING,
    summary='The realm accepts sign-ins without https (`"sslRequired": "none"`).',
    consequence="Passwords and tokens cross the network readably wherever somebody uses an `http://` address.",
    remedy='Write `"sslRequired": "external"`, and serve Keycloak by https.',
    file="realm.json",
    example='{"realm": "orthanc", "enabled": true, "sslRequired": "none"}',
    counterexample='{"realm": "orthanc", "enabled": true, "sslRequired": "external"}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Realms require https from other machines."""
    for realm in identity.realms(deployment):
        if realm.value.get("sslRequired") == "none":
            yield Finding(
                RULE,
                "the realm accepts sign-ins without https",
                realm.locate(("sslRequired",)),
                'write `"external"`',
                replacement='"external"',
            )
