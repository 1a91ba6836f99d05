"""A real PostgreSQL of a chosen major version, with a folder of data that outlives it."""

from __future__ import annotations

import itertools
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.certificate import make_certificate
from tests.support.real import container, parts
from tests.support.real.container import Mount
from tests.support.real.network import Network
from tests.support.real.process import NotReadyError, Program

_DATA = "/data"


@dataclass
class Postgres:
    """One major version on one folder of data: `start`, `run` its programs against it, `stop`."""

    network: Network
    folder: Path
    major: int
    data: Path
    host: str = "orthanc-db"
    settings: dict[str, str] = field(default_factory=dict)
    """Further settings of the server."""
    programs: list[Program] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def make(self, name: str) -> None:
        """Make an empty database `name`, and a user of that name, as the container image does."""
        self.data.mkdir()
        self.data.chmod(0o700)
        self._own()
        self._call(["initdb", "-D", _DATA, "-U", name, "--auth=trust", "--encoding=UTF8", "--no-sync"])
        with (self.data / "pg_hba.conf").open("a", encoding="ascii") as rules:
            rules.write("host all all 0.0.0.0/0 trust\n")
        self.start()
        self.run(["createdb", "-U", name, name])

    def add_owner(self, name: str, password: str, *, superuser: str) -> None:
        """Make a user with a password, and a database of the same name that belongs to the user."""
        quoted = password.replace("'", "''")
        self.sql(f"CREATE ROLE {name} LOGIN PASSWORD '{quoted}'", database=superuser, user=superuser)
        self.run(["createdb", "-U", superuser, "-O", name, name])

    def require_tls(self, authority: tuple[Path, Path], *, superuser: str) -> None:
        """
        Accept no connection without TLS, and none but the superuser's without a password (SCRAM), from the next start on.

        `authority` signs the server's certificate: its own certificate and its key.
        """
        certificate, key = self.data / "server.crt", self.data / "server.key"
        make_certificate(certificate, key, self.host, signed_by=authority)
        key.chmod(0o600)
        rules = f"hostssl all {superuser} all trust\nhostssl all all all scram-sha-256\n"
        (self.data / "pg_hba.conf").write_text(rules, encoding="ascii")
        self.settings |= {"ssl": "on", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}

    def start(self) -> None:
        """Start the server; NotReadyError where it does not start on these data."""
        self._own()
        argv = [
            "postgres",
            "-D",
            _DATA,
            "-c",
            f"listen_addresses={self.network.service(self.host)}",
            "-c",
            "unix_socket_directories=/tmp",
            "-c",
            "fsync=off",
            *(word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")),
        ]
        program = Program(
            self._line(argv), log=self.folder / f"postgres-{self.major}-{next(self._count)}.log"
        )
        self.programs.append(program)
        program.wait_until(
            lambda: "ready to accept connections" in program.text(),
            seconds=60,
            what=f"PostgreSQL {self.major}",
        )

    def run(self, argv: list[str], *, given: bytes = b"") -> bytes:
        """Run one of its programs against the server; what it prints."""
        return self._call(argv, given=given, PGHOST=self.network.service(self.host))

    def sql(self, statement: str, *, database: str, user: str) -> str:
        """The answer to a statement of the superuser `user`."""
        argv = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database, "-c", statement]
        return self.run(argv).decode().strip()

    def stop(self) -> None:
        """Stop the server, so that everything is written. Sessions end, as where the image is stopped (`STOPSIGNAL`)."""
        for program in self.programs:
            program.signal(signal.SIGINT)
            program.stop(politely=20)
        self.programs.clear()

    def _own(self) -> None:
        """Give the data to this Debian's user `postgres`: its number differs, while the images' is the same in all."""
        users = (parts.postgres(self.major) / "etc/passwd").read_text().splitlines()
        ids = {line.split(":")[0]: line.split(":")[2:4] for line in users}
        subprocess.run(["chown", "-R", ":".join(ids["postgres"]), self.data], check=True)

    def _call(self, argv: list[str], *, given: bytes = b"", **environment: str) -> bytes:
        done = subprocess.run(self._line(argv, **environment), input=given, capture_output=True, check=False)
        if done.returncode:
            raise NotReadyError(f"{argv[0]}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def _line(self, argv: list[str], **environment: str) -> list[str]:
        binary = f"/usr/lib/postgresql/{self.major}/bin/{argv[0]}"
        return container.command_line(
            parts.postgres(self.major),
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", binary, *argv[1:]],
            work=self.folder / f"postgres-{self.major}-{next(self._count)}",
            mounts={_DATA: Mount(self.data, writable=True)},
            environment={"LC_ALL": "C.UTF-8", "HOME": "/nowhere", **environment},
        )
