"""A PostgreSQL server outside of the deployment: `archive.storage.postgresql` and `identity.keycloak.postgresql`."""

from typing import Annotated, Literal

from pydantic import Field

from orthgen.field_types import FilePath, HostName, Matching, Model, Port, Secret

DatabaseName = Annotated[
    str,
    Matching(
        r"[a-z_][a-z0-9_-]{0,62}",
        "a name of a database",
        "write a name of small letters, digits, `_` and `-`, beginning with a letter: `orthanc`",
        example="orthanc",
    ),
]

# What PostgreSQL accepts by default (max_connections), and keeps for its superuser (superuser_reserved_connections).
DEFAULT_CONNECTIONS = 100
RESERVED_CONNECTIONS = 3


class PostgreSQLServer(Model):
    """A PostgreSQL that the institution or a provider runs; without it, the deployment has one of its own."""

    host: HostName = Field(
        description="The server, by the name in its certificate. Containers have to reach it: not `localhost`."
    )
    port: Port = Field(5432, description="Its port.")
    database: DatabaseName | None = Field(
        None, description="The database; by default `orthanc`, and `keycloak` for Keycloak."
    )
    user: DatabaseName | None = Field(
        None, description="The user, who owns the database; by default the database's name."
    )
    password: Secret = Field(description="The password of this user, by its name.")
    encryption: Literal["tls", "none"] = Field(
        "tls",
        description="`tls`: the connection is encrypted, and the server's certificate and name are checked "
        "(`verify-full`).",
    )
    authority: FilePath | None = Field(
        None,
        description="The certificate (PEM, a path on the host) of the authority that signed the server's certificate. "
        "`encryption: tls` needs it.",
    )
    max_connections: int = Field(
        DEFAULT_CONNECTIONS,
        ge=10,
        le=100_000,
        description="The number of connections that the server accepts (`SHOW max_connections`).",
    )
    other_connections: int = Field(
        0,
        ge=0,
        le=100_000,
        description="The number of these connections that other programs of the server use.",
    )
