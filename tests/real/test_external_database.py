"""
Databases outside of the deployment, on real PostgreSQL that accepts connections with TLS only.

The rendered scripts, settings and URLs as the containers have them: psql's check, Orthanc's plugin, Keycloak's JDBC driver.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orthgen.deployment.databases import AUTHORITY_FILE, PASSWORD_FILE
from orthgen.deployment.model import Deployment
from orthgen.doctor.container_engine import ContainerEngine
from orthgen.doctor.database import databases
from orthgen.doctor.model import CheckStatus, ExaminedSystem
from orthgen.products.external_database import PASSFILE, check_environment, external_database_files
from orthgen.products.keycloak_server import keycloak_environment
from orthgen.products.orthanc import orthanc_settings
from tests.support.builders import make_deployment
from tests.support.certificate import make_authority
from tests.support.real import container, dicom, parts
from tests.support.real.container import Mount
from tests.support.real.network import Network
from tests.support.real.orthanc import Orthanc
from tests.support.real.postgres import Postgres

HOST = "db.example.org"
# Characters that libpq's file of passwords, a URI and a connection string each have to escape.
PASSWORD = r"a\b:c'd e%2F@"
PLUGIN = "/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so"


@dataclass
class Server:
    """A PostgreSQL with TLS, and the files of its clients."""

    postgres: Postgres
    folder: Path

    def files(self, **sources: str) -> dict[str, Path | Mount]:
        """The files of a container that is a client; a keyword takes another one's place."""
        password = self.folder / sources.get("password", "password")
        authority = self.folder / sources.get("authority", "authority.crt")
        return {PASSWORD_FILE: password, AUTHORITY_FILE: authority}


@pytest.fixture(scope="module", params=[18])
def server(
    request: pytest.FixtureRequest, network: Network, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A PostgreSQL that accepts encrypted connections with a password only, and knows the users of the profile."""
    folder = tmp_path_factory.mktemp(f"server-{request.param}")
    for name in ("authority", "other"):
        make_authority(folder / f"{name}.crt", folder / f"{name}.key")
    authority = (folder / "authority.crt", folder / "authority.key")
    (folder / "password").write_text(f"{PASSWORD}\n")
    (folder / "wrong").write_text("another\n")
    network.point("other.example.org", network.service(HOST))
    postgres = Postgres(network, folder, request.param, folder / "data", HOST)
    postgres.make("admin")
    running = Server(postgres, folder)
    for name in ("orthanc", "keycloak"):
        postgres.add_owner(name, PASSWORD, superuser="admin")
    postgres.stop()
    postgres.require_tls(authority, superuser="admin")
    postgres.start()
    yield running
    postgres.stop()


def deployment(**index: Any) -> Deployment:
    """A deployment whose index and Keycloak are on the server."""
    shared = {"host": HOST, "authority": "/etc/ssl/db.pem", "password": {"secret": "db"}}
    return make_deployment(
        archive={"storage": {"connections": 6, "postgresql": {**shared, **index}}},
        identity={"sign-in": [{"accounts": {}}], "keycloak": {"postgresql": shared, "local-port": 8081}},
    )


def scripts(folder: Path, rendered: Deployment) -> dict[str, Path | Mount]:
    """The rendered scripts at the places that the compose file gives them."""
    mounts: dict[str, Path | Mount] = {}
    for artifact in external_database_files(rendered):
        path = folder / Path(artifact.path).name
        path.write_text(artifact.text)
        mounts[f"/opt/orthgen/{path.name}"] = path
    return mounts


def check(
    server: Server, folder: Path, rendered: Deployment, environment: dict[str, str], **files: str
) -> tuple[int, str]:
    """Exit status and output of the health check, in a container that was started as the compose file says."""
    (database, _) = rendered.external_databases
    line = container.command_line(
        parts.postgres(server.postgres.major),
        ["bash", "/opt/orthgen/passfile.sh", "bash", "/opt/orthgen/check.sh"],
        work=folder / "check",
        mounts={**scripts(folder, rendered), **server.files(**files)},
        environment={"PATH": "/usr/bin:/bin", **check_environment(database), **environment},
    )
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_check_says_what_is_wrong(server: Server, tmp_path: Path) -> None:
    """Healthy with the version; else one line with the reason, as an operator reads it in `docker compose ps` and the doctor."""
    rendered = deployment()
    cases: list[tuple[dict[str, str], dict[str, str], str]] = [
        ({}, {}, f"PostgreSQL {server.postgres.major}"),
        ({}, {"password": "wrong"}, 'password authentication failed for user "orthanc"'),
        ({}, {"authority": "other.crt"}, "certificate verify failed"),
        ({"PGHOST": "other.example.org"}, {}, 'does not match host name "other.example.org"'),
        ({"PGSSLMODE": "disable"}, {}, "no encryption"),
        ({"PGPORT": "5433"}, {}, "Connection refused"),
        ({"MIN_POSTGRESQL": "99"}, {}, "needs 99 or newer: upgrade the server"),
        ({"MAX_CONNECTIONS": "101"}, {}, "accepts 100 connections, the profile counts on 101"),
        ({"PGDATABASE": "keycloak"}, {}, "orthanc may not create tables in keycloak: ALTER DATABASE"),
    ]
    for number, (environment, files, words) in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        status, output = check(server, folder, rendered, environment, **files)
        assert words in output, output
        assert (status == 0) == (number == 0)
        assert PASSWORD not in output
        assert len(output.splitlines()) == 1


def test_the_doctor_sees_the_certificate(server: Server) -> None:
    """Before the start: the authority's certificate is good, another authority's and another name's are refused."""
    for authority, host, words in (
        ("authority.crt", HOST, "answers"),
        ("other.crt", HOST, "certificate is refused"),
        ("authority.crt", "other.example.org", "certificate is refused"),
        ("missing.crt", HOST, "cannot read"),
    ):
        rendered = deployment(host=host, authority=authority)
        fact = next(databases(ExaminedSystem(ContainerEngine(), rendered, folder=server.folder)))
        assert words in fact.message
        assert fact.status is (CheckStatus.OK if words == "answers" else CheckStatus.ERROR)


def test_orthanc_keeps_its_index_there(server: Server, orthanc: Orthanc, tmp_path: Path) -> None:
    """With the rendered section and the file that the start script makes: encrypted, and no connection beyond the budget."""
    rendered = deployment()
    line = container.command_line(
        parts.debian(),
        ["bash", "/opt/orthgen/passfile.sh", "cat", PASSFILE],
        work=tmp_path / "passfile",
        mounts={**scripts(tmp_path, rendered), **server.files()},
    )
    passfile = tmp_path / "pgpass"
    passfile.touch(0o600)
    passfile.write_bytes(subprocess.run(line, capture_output=True, check=True).stdout)
    settings = {"PostgreSQL": orthanc_settings(rendered)["PostgreSQL"]}
    running = orthanc.start(
        {"RemoteAccessAllowed": True, "AuthenticationEnabled": False, **settings},
        settings={"Plugins": [PLUGIN]},
        mounts={PASSFILE: passfile, **server.files()},
    )
    dicom.upload(running.url, dicom.study(3))

    assert len(running.get("/instances")) == 3
    of_orthanc = "FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE usename = 'orthanc'"
    assert (
        server.postgres.sql(
            f"SELECT count(*), bool_and(ssl), min(application_name) {of_orthanc}",
            database="orthanc",
            user="admin",
        )
        == "6|t|orthanc"
    )


def test_keycloaks_driver_opens_an_encrypted_connection(server: Server, tmp_path: Path) -> None:
    """The rendered URL, with the JDBC driver of Keycloak's distribution; H2's shell, which is in it too, sends a statement."""
    url = keycloak_environment(deployment(), has_vault=False)["KC_DB_URL"]
    jars = [
        path
        for pattern in ("org.postgresql.postgresql-*", "com.h2database.h2-*")
        for path in parts.keycloak().rglob(pattern)
    ]
    mounts: dict[str, Path | Mount] = {f"/jars/{path.name}": path for path in jars}
    program = [
        "java",
        "-cp",
        "/jars/*",
        "org.h2.tools.Shell",
        "-driver",
        "org.postgresql.Driver",
        "-url",
        url,
    ]
    statement = "SELECT 'encrypted: ' || ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

    def output(authority: str) -> str:
        line = container.command_line(
            parts.java(),
            [*program, "-user", "keycloak", "-password", PASSWORD, "-sql", statement],
            work=tmp_path / f"java-{authority}",
            mounts={**mounts, **server.files(authority=authority)},
        )
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    assert "encrypted: true" in output("authority.crt")
    assert "SSLHandshakeException" in output("other.crt")
