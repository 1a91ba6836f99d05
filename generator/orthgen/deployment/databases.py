"""Databases on a server outside of the deployment, with nothing left to default."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from msgspec import Struct

from orthgen.deployment import naming

if TYPE_CHECKING:
    from orthgen.profile.database import PostgreSQLServer
    from orthgen.profile.root import Profile

# The files of the database in every container that opens a connection to it.
PASSWORD_FILE = "/run/database/password"  # noqa: S105 - a path
AUTHORITY_FILE = "/run/database/authority.pem"

CHECK_SUFFIX = "-check"

# The oldest version that the PostgreSQL project maintained when release 26.8 was catalogued (2026-08).
MIN_POSTGRESQL = 14


class ExternalDatabase(Struct, frozen=True):
    """
    A database on a PostgreSQL of the institution, and the deployment's user there.

    `check` is the service that examines it before its client starts. `authority` is the path on the host of the certificate
    that the server's is checked with, under the name `authority_secret` in the compose file; empty without TLS.
    """

    check: str
    host: str
    port: int
    name: str
    user: str
    secret: str
    authority: str
    authority_secret: str
    max_connections: int

    @property
    def ssl_options(self) -> dict[str, str]:
        """The options of TLS, which libpq and the JDBC driver name alike."""
        if not self.authority:
            return {"sslmode": "disable"}
        return {"sslmode": "verify-full", "sslrootcert": AUTHORITY_FILE}

    @property
    def address(self) -> str:
        """Host and port as URLs have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def uri(self, **options: str) -> str:
        """The connection URI of libpq, without a password."""
        query = urlencode({**self.ssl_options, **options}, safe="/")
        return f"postgresql://{quote(self.user)}@{self.address}/{quote(self.name)}?{query}"

    @property
    def jdbc_url(self) -> str:
        """The URL of the JDBC driver, without a user."""
        return f"jdbc:postgresql://{self.address}/{quote(self.name)}?{urlencode(self.ssl_options, safe='/')}"

    def mounts(self) -> tuple[tuple[str, str], ...]:
        """The secrets of a container that opens connections as libpq does, and their places."""
        return ((self.secret, PASSWORD_FILE), *self.authority_mounts())

    def authority_mounts(self) -> tuple[tuple[str, str], ...]:
        """The mount of the authority's certificate; none without TLS."""
        return ((self.authority_secret, AUTHORITY_FILE),) if self.authority else ()


def external_index(profile: Profile) -> ExternalDatabase | None:
    """The database of Orthanc's index on a server outside; None where the index is elsewhere."""
    storage = profile.archive.storage
    if storage.postgresql is None or storage.database != "postgresql":
        return None
    return _resolved(storage.postgresql, naming.ORTHANC_DB, naming.ORTHANC_DATABASE)


def external_keycloak_database(profile: Profile) -> ExternalDatabase | None:
    """Keycloak's database on a server outside; None where the deployment has Keycloak's database, or no Keycloak."""
    keycloak = profile.identity.keycloak
    if keycloak.postgresql is None or keycloak.server is not None:
        return None
    return _resolved(keycloak.postgresql, naming.KEYCLOAK_DB, naming.KEYCLOAK_DATABASE)


def _resolved(server: PostgreSQLServer, service: str, usual_name: str) -> ExternalDatabase:
    name = server.database or usual_name
    return ExternalDatabase(
        check=f"{service}{CHECK_SUFFIX}",
        host=server.host,
        port=server.port,
        name=name,
        user=server.user or name,
        secret=server.password.secret,
        authority=(server.authority or "") if server.encryption == "tls" else "",
        authority_secret=f"{service}-authority",
        max_connections=server.max_connections,
    )
