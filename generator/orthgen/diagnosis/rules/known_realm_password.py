"""A user of the realm's file with a password that everybody knows."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment
from orthgen.secret_detection import is_sample

RULE = Rule(
    "known-realm-password",
    Severity.ERROR,
    summary="The realm's file creates a user whose password everybody knows.",
    consequence="Everybody signs in with it, with the roles of that user.",
    remedy="Remove the user from the file, or set a temporary password at the first start by the administration console.",
    file="realm.json",
    example="""
        {"realm": "orthanc", "enabled": true, "users": [{"username": "doctor", "enabled": true, "credentials": [{"type": "password", "value": "change-me"}]}]}
    """,
    counterexample='{"realm": "orthanc", "enabled": true, "users": [{"username": "doctor", "enabled": true}]}',
    is_advice=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Users of the realm's file have passwords of their own."""
    for realm in identity.realms(deployment):
        for index, user in identity.mappings_at(realm, "users"):
            credentials = as_list(user.get("credentials"))
            for position, credential in enumerate(map(mapping, credentials)):
                value = credential.get("value")
                if not isinstance(value, str) or credential.get("temporary"):
                    continue
                if is_sample(value) or value == user.get("username"):
                    yield Finding(
                        RULE,
                        f"everybody knows the password of `{user.get('username')}`",
                        realm.locate(("users", index, "credentials", position)),
                        "remove the user from the file",
                        is_sensitive=True,
                    )
