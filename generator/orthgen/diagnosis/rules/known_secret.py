"""Secrets that everybody knows."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity, secrets
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.secret_detection import is_sample

RULE = Rule(
    "known-secret",
    Severity.ERROR,
    summary="A password or a secret is a word, or one that samples and documentation carry.",
    consequence="Everybody who has read the same sample signs in, makes links to every study, or reads the database.",
    remedy="Make a new one (`openssl rand -base64 32`), keep it out of the file, and change it where it is in use.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              USERS: ${USERS:?}
              SECRET_KEY: change-me-I-am-a-secret-key
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              USERS: ${USERS:?}
              SECRET_KEY: ${SECRET_KEY:?}
    """,
    is_advice=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Nobody can know a secret from a sample."""
    seen: set[Location] = set()
    for secret in secrets.secrets_of(deployment):
        if is_sample(secret.value) and secret.location not in seen:
            seen.add(secret.location)
            yield Finding(
                RULE,
                f"everybody knows the value of `{secret.name}`",
                secret.location,
                "make a new one, and keep it in a secret's file",
                is_sensitive=True,
            )
    for orthanc in deployment.orthancs:
        for name, password in orthancs.section(orthanc, "RegisteredUsers").items():
            if (
                orthancs.authenticates(orthanc)
                and isinstance(password, str)
                and "$" not in password
                and (is_sample(password) or password == name)
            ):
                yield Finding(
                    RULE,
                    f"everybody knows the password of the user `{name}`",
                    orthancs.place(orthanc, "RegisteredUsers", name),
                    "make a new one",
                    is_sensitive=True,
                )
    for auth_service in deployment.auth_services:
        for name, password in (identity.users(auth_service) or {}).items():
            if (
                isinstance(password, str)
                and "$" not in password
                and secrets.is_known(password)
                and is_sample(password)
                and auth_service.service is not None
            ):
                yield Finding(
                    RULE,
                    f"everybody knows the password of the user `{name}` of `USERS`",
                    auth_service.service.locate_variable("USERS"),
                    "make a new one",
                    is_sensitive=True,
                )
