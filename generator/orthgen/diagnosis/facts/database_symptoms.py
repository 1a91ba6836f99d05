"""Messages of PostgreSQL (15 to 18) and of its clients that tell a known cause."""

from __future__ import annotations

from orthgen.diagnosis.facts.symptoms import Symptom

DATABASES = (
    Symptom(
        'role "root" does not exist',
        "the health check of PostgreSQL asks as the user `root`",
        "write the user into it: `pg_isready -U USER`",
    ),
    Symptom(
        r'role "(?P<name>(?!root")[^"\n]+)" does not exist',
        "PostgreSQL has no user of that name: a database keeps the users that it was made with",
        "write the user that the database was made with (`POSTGRES_USER`), or create `{name}`",
    ),
    Symptom(
        r'database "(?P<name>[^"\n]+)" does not exist',
        "PostgreSQL has no database of that name",
        "write the name of `POSTGRES_DB` of the first start, or create `{name}`",
    ),
    Symptom(
        "too many clients already",
        "PostgreSQL has no free connection",
        "lower `IndexConnectionsCount`, or raise `max_connections`",
    ),
    Symptom(
        r"no pg_hba\.conf entry for host",
        "PostgreSQL does not let in this host, this user, or a connection without encryption",
        "set `EnableSsl` to true where the line says `no encryption`; else add the host to `pg_hba.conf`",
    ),
    Symptom(
        "permission denied for schema public",
        "since PostgreSQL 15 the owner of a database alone makes tables in it",
        "make the user the owner: `ALTER DATABASE name OWNER TO name`",
    ),
    Symptom(
        "permission denied to create extension",
        "the user of Orthanc may not create the extension",
        "create it as the administrator of the database: `CREATE EXTENSION pg_trgm`",
    ),
    Symptom(
        "Database is uninitialized and superuser password is not specified",
        "the container of PostgreSQL has no password for its first start",
        "set `POSTGRES_PASSWORD`",
    ),
    Symptom(
        "server does not support SSL, but SSL was required",
        "Orthanc asks for encryption, which this PostgreSQL does not offer",
        "set `EnableSsl` to false, or give PostgreSQL a certificate",
    ),
    Symptom(
        r'could not translate host name "(?P<name>[^"\n]+)"',
        "no host has the name of the database",
        "write the name of the database's service in place of `{name}`, and put both on one network",
    ),
    Symptom(
        r"in 18\+, these Docker images are configured to store database data",
        "PostgreSQL 18 keeps its data in another folder",
        "mount the volume at `/var/lib/postgresql`; move old data with `pg_dump` and `psql`",
    ),
)
