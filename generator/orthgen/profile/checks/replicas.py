"""Checks of readers: they need a database and files that several Orthancs can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext

_READERS = ("archive", "replicas", "readers")

READERS_WITHOUT_POSTGRESQL = Rule(
    "readers-without-postgresql",
    Severity.ERROR,
    summary="The index is in SQLite, a file that one Orthanc alone can use. Readers would find no study.",
    remedy="Write `database: postgresql`, or remove `replicas`.",
    example="""
        archive: {storage: {database: sqlite}, replicas: {readers: 2}}
    """,
)
READERS_IN_CLUSTER = Rule(
    "readers-in-cluster",
    Severity.ERROR,
    summary="Readers are for Docker Compose. orthgen does not make them in a cluster.",
    remedy="Remove `replicas`, or `deployment.kubernetes`.",
    example="""
        archive: {replicas: {readers: 2}}
        deployment: {kubernetes: {}}
    """,
)


def readers_share_a_database(context: CheckContext) -> Iterator[Finding]:
    """Readers use the database of the ingest node."""
    archive = context.profile.archive
    if archive.replicas.readers and archive.storage.database == "sqlite":
        message = "one Orthanc alone can use an index in SQLite"
        hint = "write `storage: {database: postgresql}`, or remove `replicas`"
        yield context.finding(READERS_WITHOUT_POSTGRESQL, _READERS, message, hint, key=True)


def readers_run_on_a_host(context: CheckContext) -> Iterator[Finding]:
    """No target but Docker Compose has readers."""
    profile = context.profile
    if profile.archive.replicas.readers and profile.deployment.kubernetes is not None:
        message = "orthgen makes no readers in a cluster"
        yield context.finding(READERS_IN_CLUSTER, _READERS, message, "remove `replicas`", key=True)
