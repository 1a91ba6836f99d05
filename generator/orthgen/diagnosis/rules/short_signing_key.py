"""A key that is too short to sign links."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.secret_detection import is_sample

RULE = Rule(
    "short-signing-key",
    Severity.ERROR,
    summary="`SECRET_KEY` of the auth-service has fewer than 32 characters.",
    consequence="A person with one link finds the key by trial on a computer, and then makes links to every study.",
    remedy="Make a key of 32 random bytes: `openssl rand -base64 32`. Links that exist end with the old key.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              USERS: ${USERS:?}
              SECRET_KEY: 9f2c7ab1
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              USERS: ${USERS:?}
              SECRET_KEY: ${SECRET_KEY:?}
    """,
    also=("secret-in-file",),
    is_advice=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The key of links cannot be guessed."""
    for service in addresses.auth_services(deployment):
        key = service.variable("SECRET_KEY")
        if key and "$" not in key and len(key) < 32 and not is_sample(key) and "(" not in key:
            yield Finding(
                RULE,
                f"`SECRET_KEY` has {len(key)} characters",
                service.locate_variable("SECRET_KEY"),
                "make one of 32 random bytes",
                is_sensitive=True,
            )
