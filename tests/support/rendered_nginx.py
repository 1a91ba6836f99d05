"""
Starts real nginx with a rendered configuration, in front of stand-in services that record what reaches them.

For tables of many requests, on every nginx of the Debian folders that `tests/tools/install-real-parts` makes, run
without entering the folder. So the rendered text is changed where it names ports, services and paths; the fixture
`nginx` of tests/real runs it unchanged, as a container would.
"""

from __future__ import annotations

import re
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from orthgen.products.nginx import nginx_files
from tests.support.certificate import make_certificate
from tests.support.real.parts import CACHE
from tests.support.services_behind_nginx import StandIn, add_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from orthgen.deployment.model import Deployment
    from tests.support.services_behind_nginx import Answer, Seen


# --------------------------------------------------------------------------------------------- which nginx


@dataclass(frozen=True, slots=True)
class Nginx:
    """An nginx that can be started: its version, its command, and where its modules are."""

    version: str
    command: tuple[str, ...]
    modules: str

    def __str__(self) -> str:
        return f"nginx-{self.version}"


@cache
def every_nginx() -> tuple[Nginx, ...]:
    """Every nginx with njs that is installed for the tests, oldest first; fails where there is none."""
    folders = [folder for folder in sorted(CACHE.glob("debian-*")) if (folder / "usr/sbin/nginx").exists()]
    assert folders, "no nginx with njs: run tests/tools/install-real-parts"
    installed = [_of_folder(folder) for folder in folders]
    return tuple(sorted(installed, key=lambda nginx: [int(part) for part in nginx.version.split(".")]))


def newest_nginx() -> Nginx:
    """The newest nginx, nearest to the official image's."""
    return every_nginx()[-1]


def _of_folder(folder: Path) -> Nginx:
    loader = str(next(folder.glob("usr/lib/*/ld-linux-*.so.*")))
    libraries = ":".join(str(path.parent) for path in folder.glob("usr/lib/*/libc.so.6"))
    command = (loader, "--library-path", libraries, str(folder / "usr/sbin/nginx"))
    return Nginx(_version(*command), command, str(folder / "usr/lib/nginx/modules"))


def _version(*command: str) -> str:
    said = subprocess.run([*command, "-v"], capture_output=True, text=True, check=True).stderr
    return said.strip().rpartition("/")[2].split()[0]


def for_nginx(deployment: Deployment, nginx: Nginx) -> Deployment:
    """The deployment, rendered for this nginx instead of the release's."""
    components = {**deployment.release.components, "nginx": nginx.version}
    return changed(deployment, release=changed(deployment.release, components=components))


def changed(record: Any, **changes: Any) -> Any:
    """The record with some fields of its own changed."""
    return type(record)(**{name: getattr(record, name) for name in record.__struct_fields__} | changes)


# ------------------------------------------------------------------------------------------------ the edge


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back through nginx. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    protocol: str


class Edge:
    """A running nginx with a rendered configuration; `services` are its stand-ins by name."""

    def __init__(
        self, deployment: Deployment, nginx: Nginx, folder: Path, services: dict[str, StandIn]
    ) -> None:
        self.deployment = for_nginx(deployment, nginx)
        self.nginx = nginx
        self.folder = folder
        self.services = services
        self.http, self.https, self.health = _free_ports(3)
        self.process: subprocess.Popen[bytes] | None = None
        self._write()

    @property
    def configuration(self) -> Path:
        """The main configuration file, as it is run."""
        return self.folder / "nginx/nginx.conf"

    @property
    def scratch(self) -> Path:
        """Where this nginx writes what the image writes below /tmp."""
        return self.folder / "tmp"

    def _write(self) -> None:
        self.scratch.mkdir(parents=True)
        for artifact in nginx_files(self.deployment):
            path = self.folder / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._adapted(artifact.text))
        secrets = self.folder / "secrets"
        secrets.mkdir()
        make_certificate(secrets / "tls_certificate", secrets / "tls_key", self.deployment.origin.host)

    def _adapted(self, text: str) -> str:
        text = text.replace("valid=5m", "valid=1s")
        text = re.sub(r"(?<= )/tmp/", f"{self.scratch}/", text)
        for name, service in self.services.items():
            text = re.sub(rf"server {name}:\d+", f"server 127.0.0.1:{service.port}", text)
        platform = self.deployment.platform
        for listened, ours in (
            (platform.http_port, self.http),
            (platform.https_port, self.https),
            (platform.health_address, self.health),
        ):
            text = re.sub(rf"listen {listened}\b", f"listen 127.0.0.1:{ours}", text)
        if platform.certificate_folder:
            text = text.replace(platform.certificate_folder, str(self._certificates))
        text = text.replace("/run/secrets", str(self.folder / "secrets"))
        text = text.replace("/etc/letsencrypt", str(self.folder / "letsencrypt"))
        text = text.replace("/var/www/acme", str(self.folder / "acme"))
        text = text.replace("/usr/lib/nginx/modules", self.nginx.modules)
        return text.replace("/dev/stdout", str(self.folder / "access.log"))

    @property
    def _certificates(self) -> Path:
        """The folder of certificates that change while nginx runs: certbot's, or a cluster's."""
        return self.folder / "letsencrypt/live" / self.deployment.origin.host

    def issue_certificate(self) -> None:
        """Put a new certificate where the certificate authority's companion would."""
        live = self._certificates
        live.mkdir(parents=True, exist_ok=True)
        make_certificate(live / "fullchain.pem", live / "privkey.pem", self.deployment.origin.host)

    def check(self) -> subprocess.CompletedProcess[str]:
        """`nginx -t`."""
        command = [*self.nginx.command, "-t", "-c", str(self.configuration)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def __enter__(self) -> Self:
        with (self.folder / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                [*self.nginx.command, "-c", str(self.configuration), "-g", "daemon off; user root;"],
                stderr=stderr,
            )
        for _ in range(200):
            if self.process.poll() is not None:
                break
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", self.health)) == 0:
                    return self
            time.sleep(0.02)
        self.__exit__()
        raise AssertionError((self.folder / "stderr").read_text())

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=10)
        for service in self.services.values():
            service.stop()

    @property
    def log(self) -> str:
        """Everything that nginx wrote: the access log and standard error."""
        return (self.folder / "access.log").read_text() + (self.folder / "stderr").read_text()

    @property
    def workers(self) -> list[int]:
        """The process ids of nginx's workers."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def forget(self) -> None:
        """Empty what the stand-ins recorded."""
        for service in self.services.values():
            service.seen.clear()

    def reached(self) -> list[tuple[str, Seen]]:
        """What reached which service since `forget`."""
        return [(name, seen) for name, service in self.services.items() for seen in service.seen]

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        host: str | None = None,
        scheme: str | None = None,
        http2: bool = True,
    ) -> Reply:
        """Ask through nginx with curl, the path as it stands; over the origin's own scheme unless told otherwise."""
        tls = self.deployment.profile.deployment.tls
        own = "https" if tls is not None and tls.terminated_by is None else "http"
        scheme = scheme or own
        port = self.https if scheme == "https" else self.http
        name = self.deployment.origin.host
        command = ["curl", "-sS", "-k", "--path-as-is", "--globoff", "--max-time", "30", "-i", "-X", method]
        command += ["--http2" if http2 else "--http1.1", "-H", "Expect:", "-H", f"Host: {host or name}"]
        command += ["--connect-to", f"::127.0.0.1:{port}"]
        for header, value in (headers or {}).items():
            command += ["-H", f"{header}: {value}" if value else f"{header};"]
        if method == "HEAD":
            command.append("--head")
        if body is not None:
            command += ["--data-binary", "@-"]
        command.append(f"{scheme}://{name}{path}")
        done = subprocess.run(command, input=body or b"", capture_output=True, check=False)
        return _reply(done.stdout)


def _reply(text: bytes) -> Reply:
    head, _, body = text.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    if not status:
        return Reply(0, {}, b"", "")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        add_header(headers, name, value)
    protocol, code, *_ = status.split()
    return Reply(int(code), headers, body, protocol)


@contextmanager
def edge(
    deployment: Deployment,
    folder: Path,
    *,
    nginx: Nginx | None = None,
    answers: Mapping[str, Callable[[Seen], Answer]] | None = None,
    certified: bool = True,
) -> Iterator[Edge]:
    """
    A running edge in front of `orthanc`, `ohif` and `keycloak`; `answers` are theirs, by name.

    `certified`: whether the certificate from Let's Encrypt, where one is wanted, is there already.
    """
    names = ("orthanc", "ohif", "keycloak")
    services = {name: StandIn(name, (answers or {}).get(name)) for name in names}
    running = Edge(deployment, nginx or newest_nginx(), folder, services)
    if certified:
        running.issue_certificate()
    with running:
        yield running


def _free_ports(count: int) -> list[int]:
    """Ports that differ: each stays taken until all are known."""
    with ExitStack() as stack:
        trials = [stack.enter_context(socket.socket()) for _ in range(count)]
        for trial in trials:
            trial.bind(("127.0.0.1", 0))
        return [int(trial.getsockname()[1]) for trial in trials]
