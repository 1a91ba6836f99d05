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
USELESS_AUTOSCALER = Rule(
    "useless-autoscaler",
    Severity.ERROR,
    summary="The autoscaler cannot add a reader: there are no readers, or as many from the start as it allows.",
    remedy="Raise `max-readers` above `archive.replicas.readers`, which is 1 or more; or remove `autoscaler`.",
    example="""
        archive: {replicas: {readers: 4}}
        deployment: {kubernetes: {autoscaler: {max-readers: 4}}}
    """,
)


def readers_share_a_database(context: CheckContext) -> Iterator[Finding]:
    """Readers use the database of the ingest node."""
    archive = context.profile.archive
    if archive.replicas.readers and archive.storage.database == "sqlite":
        message = "one Orthanc alone can use an index in SQLite"
        hint = "write `storage: {database: postgresql}`, or remove `replicas`"
        yield context.finding(READERS_WITHOUT_POSTGRESQL, _READERS, message, hint, key=True)


def autoscalers_add_readers(context: CheckContext) -> Iterator[Finding]:
    """An autoscaler needs readers that it can add to."""
    kubernetes, readers = context.profile.deployment.kubernetes, context.profile.archive.replicas.readers
    autoscaler = kubernetes.autoscaler if kubernetes is not None else None
    if autoscaler is None or 0 < readers < autoscaler.max_readers:
        return
    message = (
        "there are no readers to add to" if not readers else f"there are {readers} readers from the start"
    )
    hint = (
        f"raise `max-readers` above {readers}, or remove `autoscaler`"
        if readers
        else "write `archive: {replicas: {readers: 1}}`, or remove `autoscaler`"
    )
    yield context.finding(
        USELESS_AUTOSCALER, ("deployment", "kubernetes", "autoscaler", "max-readers"), message, hint
    )
