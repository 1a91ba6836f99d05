"""
A real container engine of the tests' own: dockerd in a network and a process namespace, its data in the tests' cache.

`running` starts it on a copy of the images that `images.prepare` has made, so that engines run beside each other and
each is thrown away as a whole. Published ports are reached over a virtual cable, as from another machine.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.real import names, parts, reach
from tests.support.real.network import Network, add_host, on_host, remove_host, run
from tests.support.real.process import Program

FOLDER = parts.CACHE / "engine"
IMAGES = FOLDER / "images"
"""The data of the engine that builds the images; no container runs in it."""

HOST = "engine"
ROUTER, ADDRESS = "10.204.0.1", "10.204.0.2"
"""The tests' side of the cable, and the engine's, where all that is published on every address answers."""

_CLONE_NEWNET = 0x40000000
_DISK_BYTES = 64 << 30
"""The size of the engine's disk: it is in memory and takes as much as is on it."""
_IN_USE = "in-use"
"""The file in an engine's folder that its process has locked."""


class EngineError(RuntimeError):
    """The engine refused a command; the message is its own."""


@dataclass
class Engine:
    """One dockerd: `start`, `docker`, `compose`, `stop`; what it made is in `data`."""

    data: Path
    on: Sequence[str] = ()
    """The beginning of the command line that starts it on a host of its own."""
    options: Sequence[str] = ()
    program: Program | None = None
    """The daemon, once started."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead the clients to this engine, and to nothing of the person who runs the tests."""
        socket = f"unix://{self.data}/docker.sock"
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.data),
            "DOCKER_HOST": socket,
            "DOCKER_BUILDKIT": "0",
        }

    def client_environment(self) -> dict[str, str]:
        """The variables with which `docker compose` works for this engine, as a person calls it."""
        plugin = self.data / ".docker/cli-plugins/docker-compose"
        plugin.parent.mkdir(parents=True, exist_ok=True)
        if not plugin.exists():
            plugin.symlink_to(parts.tool("docker-compose", "docker-compose"))
        return self.environment

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        for left in ("docker.pid", "docker.sock"):
            (self.data / left).unlink(missing_ok=True)
        daemon = [
            parts.command("dockerd"),
            *(f"--data-root={self.data}/data", "--exec-root=/run/engine"),
            *(f"--host=unix://{self.data}/docker.sock", f"--pidfile={self.data}/docker.pid"),
            *("--storage-driver=overlay2", "--exec-opt=native.cgroupdriver=cgroupfs", "--log-level=warn"),
            *self.options,
        ]
        # `/run` and the processes are its own: where the daemon dies, so do all containers, and nothing is left.
        # Where mounts are not shared, the daemon mounts its folder again, without the layers in it.
        script = 'mount --make-rshared /; mount -t tmpfs tmpfs /run; exec "$@"'
        separate = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
        line = [
            *self.on,
            *separate,
            "sh",
            "-euc",
            script,
            "dockerd",
            parts.command("docker-init"),
            "--",
            *daemon,
        ]
        self.program = Program(line, log=self.data / "dockerd.log")
        self.program.wait_until(self._answers, seconds=60, what="the container engine")

    def _answers(self) -> bool:
        socket = self.data / "docker.sock"
        return socket.exists() and self._call([parts.command("docker"), "version"]).returncode == 0

    def stop(self, seconds: float = 60) -> None:
        """Stop the daemon as a machine that shuts down does: containers get their time to end, up to `seconds`."""
        if self.program is None:
            return
        if seconds and self.program.is_running():
            os.kill(self._daemon, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.program.wait(seconds)
        self.program.stop()

    @contextlib.contextmanager
    def full_disk(self, *, left: int) -> Iterator[None]:
        """Leave `left` bytes of space on the disk; at the end there is as much as before."""
        disk = self.data / "data"
        for _ in range(20):
            state = os.statvfs(disk)
            size = (state.f_blocks - state.f_bfree) * state.f_frsize + left
            with contextlib.suppress(RuntimeError):  # containers wrote more in between
                run("mount", "-o", f"remount,size={size}", disk)
                break
        try:
            assert os.statvfs(disk).f_bfree * state.f_frsize <= left
            yield
        finally:
            run("mount", "-o", f"remount,size={_DISK_BYTES}", disk)

    def docker(self, *argv: str, given: bytes | None = None) -> str:
        """What a command of the client prints; EngineError where it fails."""
        return self._checked([parts.command("docker"), *argv], given=given)

    def compose(self, folder: Path, *argv: str, variables: Mapping[str, str] | None = None) -> str:
        """What a command of Docker Compose prints for the deployment in `folder`; EngineError where it fails."""
        line = [
            str(parts.tool("docker-compose", "docker-compose")),
            "--progress=quiet",
            "--project-directory",
            str(folder),
            *argv,
        ]
        return self._checked(line, variables=variables)

    def import_tree(self, pack: Sequence[str], name: str) -> None:
        """Make an image of what the command `pack` writes: a tar archive of a whole file system."""
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as packing:
            done = subprocess.run(
                [parts.command("docker"), "import", "-", name],
                stdin=packing.stdout,
                capture_output=True,
                check=False,
                env=self.environment,
            )
        if done.returncode or packing.returncode:
            raise EngineError(f"import {name}: {done.stderr.decode(errors='replace').strip()}")

    @functools.cached_property
    def knows_start_interval(self) -> bool:
        """Whether health checks have an interval of their own while a container starts (Docker 25, API 1.44)."""
        version = self.docker("version", "--format", "{{.Server.APIVersion}}")
        return tuple(map(int, version.split("."))) >= (1, 44)

    def inspect(self, *names: str) -> list[dict[str, Any]]:
        """The engine's own description of containers, images, networks or volumes."""
        return list(json.loads(self.docker("inspect", *names)))

    def logs(self, container: str) -> str:
        """All that a container has printed, to both of its streams."""
        done = self._call([parts.command("docker"), "logs", container])
        return (done.stdout + done.stderr).decode(errors="replace")

    def kill(self, process: int) -> None:
        """Kill a container's process (as the engine numbers it), as the kernel does; the engine has no part in it."""
        run("nsenter", f"--target={self._daemon}", "--mount", "--pid", "kill", "-KILL", str(process))

    def reachable_from(self, process: int, addresses: Iterable[reach.Address]) -> set[reach.Address]:
        """The addresses that take a connection from the network of a container's `process` (as the engine numbers it)."""
        probe = [sys.executable, "-I", reach.__file__]
        line = [
            "nsenter",
            f"--target={self._daemon}",
            "--mount",
            "--pid",
            "nsenter",
            f"--target={process}",
            "--net",
        ]
        answer = self._checked([*line, *probe], given=json.dumps(list(addresses)).encode())
        return {(host, port) for host, port in json.loads(answer)}

    @property
    def _daemon(self) -> int:
        """The first process of the engine's own process namespace."""
        assert self.program is not None
        children = Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children")
        return int(children.read_text().split()[0])

    def _checked(
        self, line: Sequence[str], *, given: bytes | None = None, variables: Mapping[str, str] | None = None
    ) -> str:
        done = self._call(line, given=given, variables=variables)
        if done.returncode:
            raise EngineError(f"{' '.join(line[1:])}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode(errors="replace")

    def _call(
        self, line: Sequence[str], *, given: bytes | None = None, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {**self.environment, **(variables or {})}
        return subprocess.run(line, input=given, capture_output=True, check=False, env=environment)


@dataclass
class Host:
    """The machine that the engine runs on, in the tests' network."""

    network: Network
    addresses: set[str] = field(default_factory=set)

    def add(self, address: str) -> None:
        """Give the machine one more address, such as one that a profile publishes its ports on."""
        if address in self.addresses or address in (ADDRESS, "0.0.0.0", "127.0.0.1"):  # noqa: S104 - compared only
            return
        run("ip", "-n", HOST, "address", "add", f"{address}/32", "dev", "lo")
        run("ip", "route", "add", f"{address}/32", "via", ADDRESS)
        self.addresses.add(address)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Open connections from the machine itself, which reaches its loopback; for this thread."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/thread-self/ns/net").open() as before, Path(f"/run/netns/{HOST}").open() as there:
            _set_namespace(libc, there.fileno())
            try:
                yield
            finally:
                _set_namespace(libc, before.fileno())


def _set_namespace(libc: ctypes.CDLL, namespace: int) -> None:
    if libc.setns(namespace, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no way into the namespace")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that processes share, in a file; waits for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def running(network: Network, prepare: Callable[[], None]) -> Iterator[tuple[Engine, Host]]:
    """An engine with the images that `prepare` makes and nothing else, on a machine of its own; removed at the end."""
    data = FOLDER / f"run-{os.getpid()}"
    add_host(HOST, ROUTER, ADDRESS)
    # Profiles name certificates there; what this process mounts, the machine does not see.
    run("mount", "-t", "tmpfs", "tmpfs", "/srv")
    engine = Engine(data, on_host(HOST), (f"--cgroup-parent=/{data.name}", f"--dns={ROUTER}"))
    # Containers find the tests' own servers by the names that the tests have given them.
    served = [sys.executable, "-I", names.__file__, str(network.hosts_file), ROUTER]
    try:
        with contextlib.ExitStack() as stack:
            with locked(FOLDER / "lock"):
                _remove_abandoned()
                prepare()
                stack.enter_context(locked(data / _IN_USE))
                _mount_images(data / "data")
            prefer(data.name)
            name_server = stack.enter_context(Program(served, log=data / "names.log"))
            engine.start()
            yield engine, Host(network)
            # Without it, what failed says only that something at another address did not answer.
            if not name_server.is_running():
                raise EngineError(f"the name server ended meanwhile: {name_server.text()}")
    finally:
        # All of it is thrown away, so nothing need end politely.
        engine.stop(seconds=0)
        if (data / "data").is_mount():
            run("umount", "--recursive", "--lazy", data / "data")
        _remove(data)
        run("umount", "/srv")
        remove_host(HOST)


def prefer(group: str) -> None:
    """
    Give the containers most of the processors where others want them too, as on a machine of their own.

    The kernel would give all of them together as much as one other process.
    """
    folder = Path("/sys/fs/cgroup/cpu") / group
    if folder.parent.is_dir():  # control groups of version 1
        folder.mkdir(exist_ok=True)
        (folder / "cpu.shares").write_text("20480")


def _mount_images(disk: Path) -> None:
    """
    Make the disk of an engine that has the images; it is in memory.

    Layers, which nobody writes to, are those of the engine that builds images: a copy would take longer than a start.
    """
    made, layers = IMAGES / "data", "overlay2"
    disk.mkdir(parents=True)
    run("mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES},mode=0711", "tmpfs", disk)
    run("cp", "-a", *(path for path in made.iterdir() if path.name != layers), disk)
    (disk / layers).mkdir(mode=0o710)
    for source in (made / layers).iterdir():
        layer = disk / layers / source.name
        shutil.copytree(source, layer, symlinks=True, ignore=shutil.ignore_patterns("diff", "work"))
        if (source / "diff").exists():
            (layer / "diff").mkdir()
            run("mount", "-o", "bind,ro", source / "diff", layer / "diff")


def _remove_abandoned() -> None:
    """
    Remove what killed test processes have left: the kernel has released their locks.

    The number in the name says nothing about a process: tests in a container that shares the cache count from 1.
    """
    for lock in FOLDER.glob(f"run-*/{_IN_USE}"):
        with lock.open("w") as file, contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(lock.parent)


def _remove(data: Path) -> None:
    shutil.rmtree(data, ignore_errors=True)
    groups = Path("/sys/fs/cgroup")
    for group in (groups / data.name, *groups.glob(f"*/{data.name}")):
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):  # a process that is just ending
                Path(folder).rmdir()
