"""Checks of PostgreSQL servers outside of the deployment: reachable, encrypted, used, and with enough connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.findings import Rule, Severity
from orthgen.profile.database import RESERVED_CONNECTIONS
from orthgen.profile.database_connections import (
    CHECK_CONNECTIONS,
    keycloak_connections,
    max_readers,
    orthanc_connections,
)
from orthgen.profile.host_ports import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.database import PostgreSQLServer

_INDEX = ("archive", "storage", "postgresql")
_KEYCLOAK = ("identity", "keycloak", "postgresql")


class _Client(Struct, frozen=True):
    """
    A client of a server outside: the key of the profile, the server, and the connections that the client opens.

    `processes` names all that open them.
    """

    path: Path
    server: PostgreSQLServer
    name: str
    database: str
    connections: int
    processes: str


def _clients(context: CheckContext) -> tuple[_Client, ...]:
    storage, keycloak = context.profile.archive.storage, context.profile.identity.keycloak
    clients = []
    if storage.postgresql is not None:
        connections = orthanc_connections(context.profile)
        database = storage.postgresql.database or "orthanc"
        readers = max_readers(context.profile)
        processes = f"Orthanc with readers ({1 + readers} processes)" if readers else "Orthanc"
        clients.append(_Client(_INDEX, storage.postgresql, "Orthanc", database, connections, processes))
    if keycloak.postgresql is not None:
        database = keycloak.postgresql.database or "keycloak"
        connections = keycloak_connections(context.profile)
        clients.append(_Client(_KEYCLOAK, keycloak.postgresql, "Keycloak", database, connections, "Keycloak"))
    return tuple(clients)


UNUSED_DATABASE = Rule(
    "unused-database",
    Severity.ERROR,
    summary="The profile names a PostgreSQL server, and nothing would use it: the index is in SQLite, or Keycloak is the "
    "institution's own and has its database already.",
    remedy="Remove `postgresql`; or write `database: postgresql`, or remove `keycloak.server`.",
    example="""
        archive:
          storage:
            database: sqlite
            postgresql: {host: db.example.org, authority: /etc/ssl/db.pem, password: {secret: orthanc-db-password}}
    """,
)


def databases_are_used(context: CheckContext) -> Iterator[Finding]:
    """Each PostgreSQL server of the profile has a client."""
    storage, keycloak = context.profile.archive.storage, context.profile.identity.keycloak
    if storage.postgresql is not None and storage.database == "sqlite":
        hint = "remove `postgresql`; `database: postgresql` would use it"
        yield context.finding(
            UNUSED_DATABASE, _INDEX, "`database: sqlite` uses no PostgreSQL server", hint, key=True
        )
    if keycloak.postgresql is not None and keycloak.server is not None:
        message = "the Keycloak at `server` has its database already"
        yield context.finding(
            UNUSED_DATABASE, _KEYCLOAK, message, "remove `postgresql`, or remove `server`", key=True
        )


SQLITE_ON_FILE_SERVER = Rule(
    "sqlite-on-file-server",
    Severity.ERROR,
    summary="The index in SQLite is beside the DICOM files, and SQLite loses data on a file system of a network, whose locks it "
    "cannot rely on.",
    remedy="Write `database: postgresql`.",
    example="""
        archive: {storage: {database: sqlite, files: {nfs: {server: nas.example.org, path: /export/dicom}}}}
    """,
)


def sqlite_is_on_a_disk(context: CheckContext) -> Iterator[Finding]:
    """The index in SQLite is on a disk of the host."""
    storage = context.profile.archive.storage
    if storage.database == "sqlite" and storage.files.nfs is not None:
        message = "SQLite's index would be on the file server"
        path = ("archive", "storage", "database")
        yield context.finding(SQLITE_ON_FILE_SERVER, path, message, "write `postgresql`")


DATABASE_ON_LOOPBACK = Rule(
    "database-on-loopback",
    Severity.ERROR,
    summary="The database's host is a loopback address. In a container this is the container itself, where no database is.",
    remedy="Write the name or the address of the machine, and let PostgreSQL listen there (`listen_addresses`); or remove "
    "`postgresql`, and the deployment has a PostgreSQL of its own.",
    example="""
        archive:
          storage:
            postgresql: {host: localhost, authority: /etc/ssl/db.pem, password: {secret: orthanc-db-password}}
    """,
)


def databases_are_reachable(context: CheckContext) -> Iterator[Finding]:
    """The host of a database is another one than the container."""
    for client in _clients(context):
        host = client.server.host
        if is_local(host) or host.startswith("127."):
            message = f"in {client.name}'s container, `{host}` is the container itself"
            hint = "write the machine's name or address, and let PostgreSQL listen there (`listen_addresses`)"
            yield context.finding(DATABASE_ON_LOOPBACK, (*client.path, "host"), message, hint)


DATABASE_WITHOUT_AUTHORITY = Rule(
    "database-without-authority",
    Severity.ERROR,
    summary="The connection to the database has to be encrypted, and no authority says which server is the right one; or an "
    "authority is named for a connection without TLS.",
    remedy="Write the file with the authority's certificate: the institution's own, or the bundle that the provider of a managed "
    "database publishes. With `encryption: none`, remove `authority`.",
    example="""
        archive:
          storage:
            postgresql: {host: db.example.org, password: {secret: orthanc-db-password}}
    """,
)
CLEAR_TEXT_DATABASE = Rule(
    "clear-text-database",
    Severity.WARNING,
    summary="The index, with the names of patients, crosses the network unencrypted; for Keycloak, the accounts do.",
    remedy="Turn on TLS at the server (`ssl = on`), and write `authority` in place of `encryption: none`.",
    example="""
        archive:
          storage:
            postgresql: {host: db.example.org, encryption: none, password: {secret: orthanc-db-password}}
    """,
)


def databases_are_encrypted(context: CheckContext) -> Iterator[Finding]:
    """A connection to a database is encrypted, and its server is checked with an authority."""
    for client in _clients(context):
        if client.server.encryption == "tls" and client.server.authority is None:
            message = f"nothing tells {client.name} whether the server is `{client.server.host}`"
            hint = "`authority` is the file with the certificate of the authority that signed the server's; a provider publishes a bundle"
            yield context.finding(DATABASE_WITHOUT_AUTHORITY, client.path, message, hint, key=True)
        elif client.server.encryption == "none" and client.server.authority is not None:
            path = (*client.path, "authority")
            message = "a connection without TLS checks no certificate"
            yield context.finding(
                DATABASE_WITHOUT_AUTHORITY, path, message, "remove `encryption: none`, or `authority`"
            )
        elif client.server.encryption == "none":
            path = (*client.path, "encryption")
            message = f"{client.name}'s data cross the network unencrypted"
            hint = "turn on TLS at the server, and name its `authority` in place of `encryption: none`"
            yield context.finding(CLEAR_TEXT_DATABASE, path, message, hint)


SHARED_DATABASE = Rule(
    "shared-database",
    Severity.ERROR,
    summary="Orthanc and Keycloak have the same database. Each makes tables there and changes them at an upgrade, and a restored "
    "dump of one would take the other back.",
    remedy="Make a database for each; both can be on the same server.",
    example="""
        archive:
          storage:
            postgresql: &server
              host: db.example.org
              database: pacs
              authority: /etc/ssl/db.pem
              password: {secret: pacs-db-password}
        identity: {keycloak: {postgresql: *server}}
    """,
)


def databases_are_distinct(context: CheckContext) -> Iterator[Finding]:
    """Orthanc and Keycloak have a database each."""
    clients = _clients(context)
    places = {(client.server.host, client.server.port, client.database) for client in clients}
    if len(places) < len(clients):
        message = f"Orthanc has the database `{clients[1].database}` of this server already"
        yield context.finding(
            SHARED_DATABASE, _KEYCLOAK, message, "write another `database` for Keycloak", key=True
        )


TOO_MANY_CONNECTIONS = Rule(
    "too-many-connections",
    Severity.ERROR,
    summary="The clients of a PostgreSQL server may open more connections than it accepts. The last ones are refused: Orthanc "
    "then answers 503, and nobody signs in.",
    remedy="Raise `max_connections` at the server and `max-connections` in the profile, or lower `archive.storage.connections`.",
    example="""
        archive:
          storage:
            connections: 90
            postgresql:
              host: db.example.org
              authority: /etc/ssl/db.pem
              password: {secret: orthanc-db-password}
              other-connections: 20
    """,
)


def connections_suffice(context: CheckContext) -> Iterator[Finding]:
    """The clients of each server open no more connections than it accepts."""
    clients = _clients(context)
    for host, port in dict.fromkeys((client.server.host, client.server.port) for client in clients):
        here = [client for client in clients if (client.server.host, client.server.port) == (host, port)]
        accepted = min(client.server.max_connections for client in here)
        parts = {f"{client.processes} {client.connections}": client.connections for client in here}
        others = max(client.server.other_connections for client in here)
        parts |= {f"the checks {len(here)}": CHECK_CONNECTIONS * len(here)}
        parts |= {f"other programs {others}": others} if others else {}
        parts |= {f"kept for the superuser {RESERVED_CONNECTIONS}": RESERVED_CONNECTIONS}
        total = sum(parts.values())
        if total > accepted:
            message = (
                f"`{host}` accepts {accepted} connections, and {total} may be opened: {', '.join(parts)}"
            )
            hint = f"raise `max_connections` of the server to {total} or more, and write it as `max-connections`; or lower `archive.storage.connections`"
            yield context.finding(TOO_MANY_CONNECTIONS, (*here[0].path, "max-connections"), message, hint)


AUDIT_LOG_IN_SQLITE = Rule(
    "audit-log-in-sqlite",
    Severity.ERROR,
    summary="The audit log is kept by Orthanc's PostgreSQL plugin (9.0 and later). With an index in SQLite nothing would be logged.",
    remedy="Write `storage: {database: postgresql}`, or remove `audit-log`.",
    example="""
        archive: {audit-log: true, storage: {database: sqlite}}
    """,
)


def audit_log_has_a_database(context: CheckContext) -> Iterator[Finding]:
    """An audit log has the database that keeps it."""
    archive = context.profile.archive
    if archive.audit_log and archive.storage.database == "sqlite":
        message = "an index in SQLite keeps no audit log"
        hint = "write `storage: {database: postgresql}`, or remove `audit-log`"
        yield context.finding(AUDIT_LOG_IN_SQLITE, ("archive", "audit-log"), message, hint, key=True)
