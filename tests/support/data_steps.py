"""
A bench for the commands that take the data of a deployment along.

The shell runs each command as it is written. `up`, `stop` and `down` of Docker Compose start and stop real programs; a small
program called `docker` leads `exec` and `run` to them, and `config` to Docker Compose itself.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.real import container, parts
from tests.support.real.container import Mount
from tests.support.real.orthanc import Orthanc, RunningOrthanc
from tests.support.real.postgres import Postgres
from tests.test_golden import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.real.network import Network

_PLUGIN = "/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so"
_STORAGE = "/usr/share/orthanc/plugins/libOrthancPostgreSQLStorage.so"
_COMPOSE = ("docker", "compose", "--project-directory")
_ENVIRONMENT = "DATA_STEPS"
_ROOT = Path(__file__).parent.parent.parent


class DataSteps:
    """The old deployment (an older PostgreSQL or SQLite, Orthanc of trixie) and the new one (PostgreSQL 18, the other Orthanc)."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network, self.folder = network, folder
        self.databases: dict[tuple[str, str], Postgres] = {}
        """The databases by deployment and service."""
        self.orthancs: dict[str, tuple[Orthanc, RunningOrthanc]] = {}
        self.user, self.volume = "", ""
        self.index = {"old": "", "new": ""}
        """The service that has the index of each deployment; empty where it is in SQLite."""
        self.has_files_in_database = False
        self._count = 0

    # ------------------------------------------------------------------------------------- the deployments

    @property
    def runs(self) -> set[str]:
        """The deployments whose Orthanc runs."""
        return set(self.orthancs)

    @property
    def orthanc(self) -> RunningOrthanc:
        """The only Orthanc that runs."""
        ((_, running),) = self.orthancs.values()
        return running

    def start_old(
        self,
        *,
        volume: str,
        database: str = "",
        user: str = "",
        major: int = 17,
        accounts: str = "",
        has_files_in_database: bool = False,
    ) -> None:
        """
        Start the old deployment, with an empty archive.

        `database` is the service of the index, `accounts` that of Keycloak's database; both are of the version `major`.
        """
        self.has_files_in_database = has_files_in_database
        self.volume, self.user = volume, user
        self._folder("NEW").joinpath("docker-compose.yml").write_text(
            (GOLDEN / "minimal/compose/docker-compose.yml").read_text()
        )
        self.index["old"] = database
        for service, owner in ((database, user), (accounts, "keycloak")):
            if service:
                self._make("old", service, major, owner)
        self._folder(volume)
        self._start("old")

    def _make(self, deployment: str, service: str, major: int, user: str) -> None:
        """Start an empty PostgreSQL."""
        folder = self._folder(f"{deployment}-{service}")
        made = Postgres(self.network, folder, major, folder / "data", service)
        self.databases[deployment, service] = made
        made.make(user)

    def _databases_of(self, deployment: str) -> list[Postgres]:
        return [database for (name, _), database in self.databases.items() if name == deployment]

    def start_new(self) -> None:
        """Start the new deployment beside the old one, with an empty archive."""
        self._up("new", ["orthanc-db"])
        self._up("new", [])

    def carry_out(self, commands: Iterable[str]) -> None:
        """Carry out the commands of a note; those of orthgen itself have tests of their own."""
        for command in commands:
            if not command.startswith("orthgen ") and not self._lifecycle(shlex.split(command, posix=False)):
                self._shell(command)

    def close(self) -> None:
        """Stop all."""
        for name in [*self.orthancs]:
            self._stop(name)
        for database in self.databases.values():
            database.stop()

    def _folder(self, volume: str) -> Path:
        path = self.folder / volume
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _start(self, name: str) -> None:
        tool = Orthanc(self.network, self._folder(f"orthanc-{self._count}"), suite=_suite(name))
        self._count += 1
        database = self.databases.get((name, self.index[name]))
        is_old = name == "old"
        user = self.user if is_old else "orthanc"
        connection = {
            "Host": self.network.service(database.host) if database is not None else "",
            "Database": user,
            "Username": user,
            "Password": "",
            "EnableSsl": False,
            "Lock": False,
            "EnableIndex": True,
            "EnableStorage": is_old and self.has_files_in_database,
        }
        settings: dict[str, Any] = {"RemoteAccessAllowed": True, "AuthenticationEnabled": False}
        settings |= {"UserContentType": {"letter": 1025}, "UserMetadata": {"remark": 1026}}
        settings |= {"PostgreSQL": connection} if database is not None else {}
        # Both run for a while where studies are sent from one to the other.
        settings |= {} if is_old else {"HttpPort": 8043, "DicomPort": 4243}
        settings |= (
            {"OrthancPeers": {"new": [f"http://{self.network.service('orthanc')}:8043/"]}} if is_old else {}
        )
        storage = self._folder(self.volume if is_old else "minimal_orthanc-data/db")
        plugins = {"Plugins": [_PLUGIN, _STORAGE]} if database is not None else {}
        self.orthancs[name] = tool, tool.start(settings, settings=plugins, storage=storage)

    def _stop(self, name: str) -> None:
        if name in self.orthancs:
            tool, running = self.orthancs.pop(name)
            running.stop(politely=20)
            tool.close()

    # ---------------------------------------------------------------------------------------- the commands

    def _lifecycle(self, words: list[str]) -> bool:
        """Whether a command is one that starts or stops services; it is done then."""
        if tuple(words[:3]) != _COMPOSE or "|" in words or words[4] not in {"up", "stop", "down"}:
            return False
        name, verb, options = words[3].lower(), words[4], words[5:]
        if verb == "up":
            self._up(name, options)
        else:
            self._stop(name)
            for database in self._databases_of(name) if verb == "down" else ():
                database.stop()
        return True

    def _up(self, name: str, options: list[str]) -> None:
        services = [word for word in options if not word.startswith("-")]
        if "--no-start" in options:
            self._folder("minimal_orthanc-data")
            return
        for service in services:
            self._make(name, service, 18, service.removesuffix("-db"))
            if service == "orthanc-db":
                self.index[name] = service
        if not services and name not in self.orthancs:
            for database in self._databases_of(name) if name == "old" else ():
                database.start()
            self._start(name)

    def _shell(self, command: str) -> None:
        programs = self._folder("programs")
        docker = programs / "docker"
        docker.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.support.data_steps "$@"\n')
        docker.chmod(0o755)
        databases = {
            f"{name}/{service}": {
                "major": each.major,
                "data": str(each.data),
                "host": self.network.service(each.host),
            }
            for (name, service), each in self.databases.items()
        }
        environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(_ROOT),
            "KEY": "read by no one here",
            _ENVIRONMENT: json.dumps({"folder": str(self.folder), "databases": databases}),
            **{name.upper(): running.url for name, (_, running) in self.orthancs.items()},
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')}"


def _suite(name: str) -> str:
    return "trixie" if name == "old" else parts.suites()[0]


# ---------------------------------------------------------------------------------------- the program `docker`


def docker(words: list[str]) -> list[str]:
    """The command line that does what `docker` would do."""
    given = json.loads(os.environ[_ENVIRONMENT])
    folder = Path(given["folder"])
    work = folder / f"docker-{os.getpid()}"
    if words[0] == "run":
        return _run(words[1:], folder, work)
    deployment, verb = words[2], words[3]
    if verb == "config":
        return [str(parts.tool("docker-compose", "docker-compose")), *words[1:]]
    option, service, *argv = words[4:]
    assert (verb, option) == ("exec", "-T"), words
    database = given["databases"][f"{deployment.lower()}/{service}"]
    binary = f"/usr/lib/postgresql/{database['major']}/bin/{argv[0]}"
    return container.command_line(
        parts.postgres(database["major"]),
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", binary, *argv[1:]],
        work=work,
        mounts={"/data": Mount(Path(database["data"]), writable=True)},
        environment={"LC_ALL": "C.UTF-8", "PGHOST": database["host"]},
    )


def _run(words: list[str], folder: Path, work: Path) -> list[str]:
    """`docker run --rm -v SOURCE:TARGET… alpine COMMAND…`, in a Debian; a volume is a folder of the bench."""
    mounts = {}
    at = words.index("alpine")
    options = iter(words[:at])
    for option in options:
        if option == "-v":
            source, target, *mode = next(options).split(":")
            assert source.startswith("/") or "/" not in source, f"`{source}` is neither a path nor a volume"
            path = Path(source) if source.startswith("/") else folder / source
            assert path.is_dir(), f"docker would make an empty volume `{source}`"
            mounts[target] = Mount(path, writable=mode != ["ro"])
    return container.command_line(parts.debian("trixie"), words[at + 1 :], work=work, mounts=mounts)


if __name__ == "__main__":
    line = docker(sys.argv[1:])
    os.execvp(line[0], line)  # noqa: S606 - the program of the line
