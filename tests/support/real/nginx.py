"""A real nginx with a rendered configuration, unchanged, on a host of its own in the tests' network."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.real import container, names, parts
from tests.support.real.container import Confinement, Mount
from tests.support.real.network import GATEWAY, Network, on_gateway
from tests.support.real.process import Program, group_members
from tests.support.real.standin import StandIn

# The prefix of the official image, from which `include` and `load_module` count their relative paths.
_COMMAND = ("nginx", "-p", "/etc/nginx", "-c", "/etc/nginx/nginx.conf")


@dataclass(frozen=True)
class Checked:
    """What `nginx -t` says."""

    is_valid: bool
    output: str

    @property
    def complaints(self) -> tuple[str, ...]:
        """Its warnings and errors, which a valid configuration may have too."""
        return tuple(re.findall(r"^.*\[(?:warn|error|crit|alert|emerg)\] .*$", self.output, re.MULTILINE))


@dataclass
class RunningNginx:
    """A running nginx."""

    program: Program
    address: str = GATEWAY

    @property
    def log(self) -> str:
        """What it has printed: messages and, if configured so, the access log."""
        return self.program.text()

    def access_log(self) -> list[dict[str, Any]]:
        """The lines of an access log in JSON."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def memory(self) -> int:
        """The largest memory, in bytes, that any of its processes has had so far."""
        return max(_peak_memory(pid) for pid in group_members(self.program.pid))

    def reload(self) -> None:
        """Have it read its configuration again."""
        # Only the master, the parent of the workers: the programs that hold the container would end. Not the lowest number,
        # because the kernel begins again from the bottom.
        all_nginx = {pid for pid in group_members(self.program.pid) if _command(pid) == "nginx"}
        (master,) = (pid for pid in all_nginx if _parent(pid) not in all_nginx)
        os.kill(master, signal.SIGHUP)

    def stop(self) -> None:
        """Stop it."""
        self.program.stop(politely=5)


@dataclass
class Nginx:
    """Starts and checks nginx; the fixture `nginx` stops whatever is left.

    `mounts` says what is seen where in nginx's file system, as in a Compose file: `{"/etc/nginx/nginx.conf": path}`.
    """

    network: Network
    folder: Path
    suite: str | None = None
    _running: list[RunningNginx] = field(default_factory=list)
    _stand_ins: dict[str, StandIn] = field(default_factory=dict)
    _name_server: Program | None = None
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def test(self, mounts: Mapping[str, Path | Mount], confinement: Confinement | None = None) -> Checked:
        """Run `nginx -t`. The services that the configuration names have to have an address: see `service`."""
        line = self._line((*_COMMAND, "-t"), mounts, confinement)
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        return Checked(done.returncode == 0, done.stdout + done.stderr)

    def start(
        self,
        mounts: Mapping[str, Path | Mount],
        confinement: Confinement | None = None,
        *,
        ports: Sequence[int] = (80,),
    ) -> RunningNginx:
        """Start nginx and wait until it listens on all of `ports`."""
        self._serve_names()
        line = self._line((*_COMMAND, "-g", "daemon off;"), mounts, confinement)
        running = RunningNginx(Program(line, log=self._path("nginx.log")))
        self._running.append(running)
        running.program.wait_until(lambda: all(map(listens, ports)), seconds=15, what="nginx")
        return running

    def service(self, name: str, port: int, **options: Any) -> StandIn:
        """A stand-in for a service behind nginx, such as `orthanc` on 8042."""
        if name in self._stand_ins:
            self._stand_ins.pop(name).close()
        self._stand_ins[name] = StandIn(name, self.network.service(name), port, **options)
        return self._stand_ins[name]

    def close(self) -> None:
        """Stop all that was started."""
        for running in self._running:
            running.stop()
        for stand_in in self._stand_ins.values():
            stand_in.close()
        if self._name_server:
            self._name_server.stop()

    def _line(
        self, argv: Sequence[str], mounts: Mapping[str, Path | Mount], confinement: Confinement | None
    ) -> list[str]:
        return on_gateway(
            *container.command_line(
                parts.debian(self.suite),
                argv,
                work=self._path("nginx"),
                mounts=mounts,
                confinement=confinement,
            )
        )

    def _serve_names(self) -> None:
        if self._name_server is None:
            line = on_gateway(sys.executable, "-I", names.__file__, str(self.network.hosts_file))
            self._name_server = Program(line, log=self._path("names.log"))

    def _path(self, name: str) -> Path:
        return self.folder / f"{next(self._count)}-{name}"


def listens(port: int, host: str = GATEWAY) -> bool:
    """Whether a program listens on a port, by default of nginx's host."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _command(pid: int) -> str:
    return (Path("/proc") / str(pid) / "comm").read_text().strip()


def _parent(pid: int) -> int:
    status = (Path("/proc") / str(pid) / "status").read_text()
    return int(status.partition("\nPPid:")[2].split()[0])


def _peak_memory(pid: int) -> int:
    status = (Path("/proc") / str(pid) / "status").read_text()
    peak = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(peak[1]) * 1024 if peak else 0
