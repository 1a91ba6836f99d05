"""
Several real Orthancs (Debian) on one PostgreSQL, behind the rendered nginx.

Debian's plugin for PostgreSQL (5.0) is older than `ReadOnly`, which Orthanc itself knows since 1.12.5.
"""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orthgen.products.nginx import nginx_files
from orthgen.products.orthanc import orthanc_files
from tests.support.builders import make_deployment, write_artifacts
from tests.support.real import dicom, web
from tests.support.real.container import Mount
from tests.support.real.nginx import Nginx, RunningNginx
from tests.support.real.orthanc import Orthanc, RunningOrthanc
from tests.support.real.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pydicom import Dataset

    from orthgen.deployment.model import Deployment
    from tests.support.real.network import Network

INGEST = "orthanc"
ORIGIN = "http://pacs.example.org"
_PLUGINS = [
    f"/usr/share/orthanc/plugins/lib{name}.so" for name in ("OrthancPostgreSQLIndex", "OrthancDicomWeb")
]
_RENDERED = ("nginx.conf", "conf.d", "snippets", "njs")


def deployment_with(readers: int) -> Deployment:
    """A deployment on plain http, with so many readers."""
    return make_deployment(
        institution=f"{{name: Test, url: '{ORIGIN}'}}",
        deployment="{}",
        archive=f"{{replicas: {{readers: {readers}}}, storage: {{connections: 8}}}}",
        viewers="{stone: {}, wsi: {}}",
    )


@dataclass
class Archive:
    """The deployment: an ingest node and readers on one database, behind nginx."""

    network: Network
    folder: Path
    postgres: Postgres
    orthancs: Orthanc
    servers: Nginx
    readers: tuple[str, ...]
    nginx: RunningNginx | None = None
    running: dict[str, RunningOrthanc] = field(default_factory=dict)
    _seen: int = 0
    """The lines of nginx's log that were read."""

    def start(self, name: str) -> None:
        """Start one of the Orthancs with its rendered settings; a reader has the files of the ingest node read-only."""
        files = self.folder / "files"
        files.mkdir(exist_ok=True)
        is_reader = name in self.readers
        settings: dict[str, Any] = {
            "HttpBindAddresses": [self.network.service(name)],
            "Plugins": _PLUGINS,
            # Debian's plugin knows no other mode, and repeats transactions that collide.
            "PostgreSQL": {
                "TransactionMode": "Serializable",
                "MaximumConnectionRetries": 60,
                "ConnectionRetryInterval": 1,
            },
        }
        if is_reader:
            settings |= {"StorageDirectory": "/srv/orthanc/db", "DatabaseServerIdentifier": name}
        self.running[name] = self.orthancs.start(
            self.folder / "orthanc" / ("reader.json" if is_reader else "orthanc.json"),
            settings=settings,
            mounts={"/srv/orthanc/db": Mount(files)} if is_reader else {},
            storage=None if is_reader else files,
            name=name,
        )

    def kill(self, name: str) -> None:
        """End an Orthanc at once, as the kernel does for want of memory."""
        self.running.pop(name).stop()

    @contextlib.contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Kill an Orthanc, and start it again at the end."""
        self.kill(name)
        try:
            yield
        finally:
            self.start(name)

    def serve_with(self, readers: int, *, read_timeout: str = "") -> None:
        """
        Start nginx as it is rendered for so many of the readers, in place of the one that runs.

        `read_timeout` is how long it waits for Orthanc, where a test cannot wait as long as rendered.
        """
        if self.nginx is not None:
            self.nginx.stop()
        folder = self.folder / f"nginx-{readers}"
        write_artifacts(nginx_files(deployment_with(readers)), folder)
        if read_timeout:
            snippet = folder / "nginx/snippets/orthanc-headers.conf"
            text = re.sub(r"(?<=proxy_read_timeout )\w+", read_timeout, snippet.read_text(encoding="utf-8"))
            snippet.write_text(text, encoding="utf-8")
        mounts = {f"/etc/nginx/{name}": folder / "nginx" / name for name in _RENDERED}
        self.nginx, self._seen = self.servers.start(mounts), 0
        # nginx learns the addresses of its upstreams one by one.
        upstreams = ("/jobs", "/instances", "/system")
        self.nginx.program.wait_until(
            lambda: all(self.ask("GET", path).status == 200 for path in upstreams),
            seconds=180,
            what="nginx to reach every Orthanc",
        )

    def ask(self, method: str, path: str, **options: Any) -> web.Response:
        """Send a request to the public address."""
        return web.request(method, ORIGIN + path, **options)

    def store(self, instances: Sequence[Dataset]) -> web.Response:
        """The answer to an upload by DICOMweb at the public address."""
        return dicom.stow(f"{ORIGIN}/dicom-web/studies", instances)

    def nodes(self, count: int = 0) -> list[tuple[str, str]]:
        """
        The requests since the last question, as `METHOD path`, each with the service that answered.

        Waits until there are `count`: nginx writes of a request after its answer.
        """
        assert self.nginx is not None
        deadline = time.monotonic() + 30
        while len(self.nginx.access_log()) - self._seen < count and time.monotonic() < deadline:
            time.sleep(0.05)
        names = {f"{self.network.service(name)}:8042": name for name in (INGEST, *self.readers)}
        entries = self.nginx.access_log()
        new, self._seen = entries[self._seen :], len(entries)
        return [
            (f"{entry['method']} {entry['path']}", names.get(entry["upstream"].split(", ")[-1], ""))
            for entry in new
        ]

    def studies(self) -> set[str]:
        """The UIDs of all studies, as a reader has them."""
        found = self.ask("GET", "/dicom-web/studies", headers={"Accept": "application/dicom+json"})
        assert found.status == 200, found.text
        return {one["0020000D"]["Value"][0] for one in found.json()}

    def groups(self) -> dict[str, list[int]]:
        """The leaders of the process groups of all Orthancs and of nginx."""
        assert self.nginx is not None
        return {
            INGEST: [orthanc.program.pid for orthanc in self.running.values()],
            "nginx": [self.nginx.program.pid],
        }


@contextlib.contextmanager
def archive_with(network: Network, folder: Path, readers: int) -> Iterator[Archive]:
    """PostgreSQL, the ingest node, readers and nginx, each with what is rendered for it."""
    deployment = deployment_with(readers)
    write_artifacts(orthanc_files(deployment), folder)
    for name in (*deployment.orthancs, "keycloak"):
        network.service(name)
    network.publish("pacs.example.org")
    postgres = Postgres(network, folder, 18, folder / "data")
    postgres.settings["max_connections"] = "100"
    orthancs, servers = Orthanc(network, folder), Nginx(network, folder)
    archive = Archive(network, folder, postgres, orthancs, servers, deployment.readers)
    try:
        postgres.make("orthanc")
        for name in deployment.orthancs:
            archive.start(name)
        archive.serve_with(readers)
        yield archive
    finally:
        servers.close()
        orthancs.close()
        postgres.stop()
