"""Scripts and environment of a database outside of the deployment: the password file of libpq, and the health check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment.databases import MIN_POSTGRESQL
from orthgen.products.script import script

if TYPE_CHECKING:
    from orthgen.deployment.databases import ExternalDatabase
    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact

PASSFILE_PATH = "database/passfile.sh"
CHECK_PATH = "database/check.sh"

# The file that PASSFILE_PATH makes, in the container's memory.
PASSFILE = "/tmp/pgpass"  # noqa: S108 - the container's own


def external_database_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The scripts, where a database is outside of the deployment."""
    if not deployment.external_databases:
        return ()
    return script(PASSFILE_PATH, deployment.source), script(CHECK_PATH, deployment.source)


def check_environment(database: ExternalDatabase) -> dict[str, str]:
    """Libpq's variables, with which psql and pg_dump need no options; and the limits of the check."""
    ssl = {f"PG{name.upper()}": value for name, value in database.ssl_options.items()}
    return {
        "PGHOST": database.host,
        "PGPORT": str(database.port),
        "PGDATABASE": database.name,
        "PGUSER": database.user,
        "PGPASSFILE": PASSFILE,
        "PGCONNECT_TIMEOUT": "5",
        "PGAPPNAME": database.check,
        **ssl,
        "MIN_POSTGRESQL": str(MIN_POSTGRESQL),
        "MAX_CONNECTIONS": str(database.max_connections),
    }
