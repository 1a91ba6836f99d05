"""Clients: curl for single files and for many at once, a browser for whole visits, and what nginx's log says of them."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.line.deployed import HOST, Edge


@dataclass(frozen=True, slots=True)
class Fetched:
    """What curl tells of a transfer."""

    seconds: float
    received: int


@dataclass(frozen=True, slots=True)
class Caller:
    """A person at `address` of nginx's host, with a token; `http` is the option of curl for the protocol."""

    edge: Edge
    address: str
    token: str = ""
    http: str = "--http2"

    def url(self, path: str) -> str:
        """The address of a path of Orthanc's."""
        return f"https://{HOST}:{self.edge.port}{self.edge.orthanc}{path}"

    def get(self, path: str, *options: str) -> Fetched:
        """Fetch one resource."""
        (fetched,) = self._curl([self.url(path)], options)
        return fetched

    def get_all(self, paths: Sequence[str], *, at_once: int, options: Sequence[str] = ()) -> Fetched:
        """Fetch many resources over as few connections as the protocol allows; the seconds of the whole."""
        before = time.monotonic()
        parallel = ["--parallel", "--parallel-max", str(at_once)]
        fetched = self._curl([self.url(path) for path in paths], [*parallel, *options])
        return Fetched(time.monotonic() - before, sum(each.received for each in fetched))

    def stow(self, file: Path) -> Fetched:
        """Store a multipart body by DICOMweb."""
        kind = 'Content-Type: multipart/related; type="application/dicom"; boundary=border'
        options = ["-X", "POST", "-T", str(file), "-H", kind, "-H", "Accept: application/dicom+json"]
        (fetched,) = self._curl([self.url("/dicom-web/studies")], options)
        return fetched

    def upload(self, file: Path) -> str:
        """Store a file as Explorer 2 does; Orthanc's status, or curl's complaint."""
        command = [
            "curl",
            "-sS",
            "-k",
            self.http,
            "-H",
            f"Authorization: Bearer {self.token}",
            "-H",
            "Expect:",
        ]
        command += ["--resolve", f"{HOST}:{self.edge.port}:{self.address}", "-X", "POST", "-T", str(file)]
        done = subprocess.run([*command, self.url("/instances")], capture_output=True, text=True, check=False)
        status = re.search(r'"Status"\s*:\s*"(\w+)"', done.stdout)
        return status[1] if status else (done.stderr or done.stdout)[-200:]

    def _curl(self, urls: Sequence[str], options: Sequence[str]) -> list[Fetched]:
        command = ["curl", "-sS", "--no-progress-meter", "-k", self.http, "-H", "Expect:"]
        command += ["--resolve", f"{HOST}:{self.edge.port}:{self.address}"]
        command += ["-w", r"%{http_code} %{time_total} %{size_download} %{url}\n"]
        if self.token:
            command += ["-H", f"Authorization: Bearer {self.token}"]
        listed = "".join(f'url = "{url}"\noutput = "/dev/null"\n' for url in urls)
        done = subprocess.run(
            [*command, *options, "-K", "-"], input=listed, capture_output=True, text=True, check=False
        )
        lines = [line.split(maxsplit=3) for line in done.stdout.splitlines()]
        failures = [line for line in lines if line[0] != "200"]
        if failures or len(lines) != len(urls):
            raise RuntimeError(f"{self.edge.title}: {failures[:3]} {done.stderr[-500:]}")
        return [Fetched(float(seconds), int(size)) for _, seconds, size, _ in lines]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a page: how long until the page was complete, and what came over the line for its files."""

    seconds: float
    requests: int
    received: int


def visit(page: Page, edge: Edge, path: str, *, ready: str, files: str) -> Visit:
    """Open a page and wait for an element; count the requests whose path begins with `files`."""
    before = len(edge.nginx.log)
    begun = time.monotonic()
    page.goto(f"https://{HOST}:{edge.port}{path}", wait_until="commit", timeout=120_000)
    page.locator(ready).first.wait_for(timeout=600_000)
    seconds = time.monotonic() - begun
    page.wait_for_load_state("networkidle")
    sizes = [size for logged, size in _logged(edge.nginx.log[before:]) if logged.startswith(files)]
    return Visit(seconds, len(sizes), sum(sizes))


def _logged(log: str) -> Iterator[tuple[str, int]]:
    """The path and the bytes of each line of an access log, rendered or nginx's own format."""
    for line in log.splitlines():
        if line.startswith("{"):
            entry = json.loads(line)
            yield entry["path"], entry["bytes"]
        elif own := re.search(r'"[A-Z]+ (\S+) HTTP/[\d.]+" \d+ (\d+) ', line):
            yield own[1], int(own[2])
