"""What the teaching hospital has outside of its deployment on the stage: a PostgreSQL for both databases, a disk for the files."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import yaml

from orthgen.deployment import naming
from orthgen.deployment.databases import CHECK_SUFFIX
from tests.support.certificate import make_authority
from tests.support.real import parts
from tests.support.real.keycloak import KeycloakError
from tests.support.real.postgres import Postgres

if TYPE_CHECKING:
    from tests.support.real.stage import Stage

T = TypeVar("T")
HOST = "db.hospital.example"
AUTHORITY = Path("/srv/tls/database-ca.pem")
DISK = Path("/srv/dicom")
CHECK = naming.ORTHANC_DB + CHECK_SUFFIX
CONNECTIONS = 12
"""The connections of each Orthanc to the server."""
_SUPERUSER = "admin"
_BLOCK = re.compile(r"(?ms)^ *```(sh|json|yaml)\n(.*?)^ *```$")


def _blocks(page: str, section: str) -> dict[str, list[str]]:
    """The examples in a section of a page, by language."""
    text = (parts.REPOSITORY / "docs" / page).read_text(encoding="utf-8").partition(f"# {section}\n")[2]
    blocks: dict[str, list[str]] = {"sh": [], "json": [], "yaml": []}
    for language, block in _BLOCK.findall(text.partition("\n## ")[0]):
        blocks[language].append(textwrap.dedent(block))
    return blocks


MOVE_IN = _blocks("move-in.md", "Send every study")
_KEYS = yaml.safe_load(MOVE_IN["yaml"][0])
DUMP = _blocks("storage.md", "The check")["sh"][1]
_SERVER = f"host: {HOST}, authority: {AUTHORITY}, other-connections: 10"

EDITS = (
    (
        "storage: {database: postgresql, files: volume, connections: 40}",
        f"storage: {{connections: {CONNECTIONS}, files: {{path: {DISK}}}, postgresql: {{{_SERVER}, password: {{secret: index}}}}}}",
    ),
    ("  aet: ELSEWHERE\n", f"  aet: ELSEWHERE\n  settings: {json.dumps(_KEYS['archive']['settings'])}\n"),
    ("  realm: imaging\n", f"  realm: imaging\n  api-keys: {json.dumps(_KEYS['identity']['api-keys'])}\n"),
    ("  keycloak: {", f"  keycloak: {{postgresql: {{{_SERVER}, password: {{secret: accounts}}}}, "),
)
"""What the test writes in the profile for it, and for studies that move in; Keycloak's settings have to be there."""


@dataclass
class Outside:
    """The server and the disk."""

    postgres: Postgres
    folder: Path

    def trust(self, name: str) -> None:
        """Write the certificate of an authority into the file that the profile names: `authority` is the right one."""
        AUTHORITY.write_bytes((self.folder / f"{name}.crt").read_bytes())

    def answer(self, statement: str, database: str = "orthanc") -> str:
        """The server's answer to a statement."""
        return self.postgres.sql(statement, database=database, user=_SUPERUSER)

    def files(self) -> list[Path]:
        """The files that Orthanc has written on the disk."""
        return [path for path in DISK.rglob("*") if path.is_file() and path.name != naming.STORAGE_MARK]


@contextlib.contextmanager
def database_and_disk(stage: Stage, folder: Path) -> Iterator[None]:
    """The server, which takes encrypted connections with a password only, and the disk, as docs/storage.md prepares both."""
    for name in ("authority", "another"):
        make_authority(folder / f"{name}.crt", folder / f"{name}.key")
    postgres = Postgres(stage.host.network, folder, 18, folder / "database", HOST)
    stage.outside = Outside(postgres, folder)
    stage.outside.trust("authority")
    DISK.mkdir(mode=0o750)
    (DISK / naming.STORAGE_MARK).touch()
    os.chown(DISK, naming.CONTAINER_USER, naming.CONTAINER_USER)
    try:
        postgres.make(_SUPERUSER)
        for user, secret in (("orthanc", "index"), ("keycloak", "accounts")):
            postgres.add_owner(user, f"supplied-{secret}", superuser=_SUPERUSER)
        postgres.stop()
        postgres.require_tls((folder / "authority.crt", folder / "authority.key"), superuser=_SUPERUSER)
        postgres.start()
        yield
    finally:
        postgres.stop()
        shutil.rmtree(DISK)


def wait_until_check_says(stage: Stage, words: str, seconds: float = 60) -> None:
    """Wait for words in the last output of the check of Orthanc's database, as `docker inspect` shows it."""
    deadline = time.monotonic() + seconds
    output = ""
    while words not in output:
        assert time.monotonic() < deadline, output
        time.sleep(0.2)
        state = stage.containers().get(CHECK, {}).get("State", {})
        output = "".join(entry["Output"] for entry in (state.get("Health", {}).get("Log") or ())[-1:])


def files_of(instances: Iterable[str]) -> list[str]:
    """The addresses of the files of instances."""
    return [f"/instances/{instance}/file" for instance in instances]


def in_bash(commands: str, variables: Mapping[str, str]) -> str:
    """What commands of a page print; they have to succeed."""
    line = ["bash", "-euo", "pipefail", "-c", commands]
    done = subprocess.run(line, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until_it_answers(ask: Callable[[], T], seconds: float = 60) -> T:
    """The answer, once Keycloak has replaced the connections that its database has closed."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except KeycloakError:
            if time.monotonic() > deadline:
                raise
