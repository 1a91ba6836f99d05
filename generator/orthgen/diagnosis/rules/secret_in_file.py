"""Secrets that are written in the Compose file."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, SourceKind
from orthgen.secret_detection import is_sample

RULE = Rule(
    "secret-in-file",
    Severity.NOTE,
    summary="Secrets are written in the Compose file or in Orthanc's configuration.",
    consequence="They are in every copy of the file: in the version control, in backups, in what is pasted into a forum.",
    remedy="Move them into files of `secrets:` or into `.env`, outside of the version control, and change those that were shared.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: 5tZ8vQ2mLw7rXk}
            volumes: ["db:/var/lib/postgresql"]
        volumes: {db: }
    """,
    counterexample="""
        services:
          orthanc-db:
            image: postgres:18.6
            environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
            volumes: ["db:/var/lib/postgresql"]
        volumes: {db: }
    """,
    is_advice=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Secrets are in files of their own."""
    kinds = {source.file: source.kind for source in deployment.sources}
    written: dict[str, list[secrets.Secret]] = {}
    for secret in secrets.secrets_of(deployment):
        kind = kinds.get(secret.location.file)
        if kind not in {SourceKind.COMPOSE, SourceKind.ORTHANC} or is_sample(secret.value):
            continue
        if secrets.is_written(deployment, secret):
            written.setdefault(secret.location.file, []).append(secret)
    for found in written.values():
        first, *others = found
        more = f" and {len(others)} more" if others else ""
        yield Finding(
            RULE,
            f"`{first.name}`{more} written in this file",
            first.location,
            "move them into files of `secrets:`",
            related=tuple((other.location, other.name) for other in others),
            is_sensitive=True,
        )
