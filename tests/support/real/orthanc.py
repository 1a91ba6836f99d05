"""A real Orthanc with a rendered configuration, as the container image would start it."""

from __future__ import annotations

import itertools
import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.real import commented, container, parts, web
from tests.support.real.container import Confinement, Mount
from tests.support.real.network import Network
from tests.support.real.process import Program

PLUGINS = {
    "DicomWeb": "libOrthancDicomWeb.so",
    "MultitenantDicom": "libMultitenantDicom.so",
    "Gdcm": "libOrthancGdcm.so",
    "Housekeeper": "libHousekeeper.so",
    "DelayedDeletion": "libDelayedDeletion.so",
    "Worklists": "libModalityWorklists.so",
    "WholeSlideImaging": "libOrthancWSI.so",
}
"""The plugins that Debian carries and a section of the configuration turns on, as in the container image.

Not among them: Authorization, OrthancExplorer2, OHIF, VolView, Stone (Debian has none of them), and PostgreSQL (no
database server runs here; the index is SQLite).
"""

_FOLDER = "/usr/share/orthanc/plugins"
_STORAGE = "/var/lib/orthanc/db"

NOTICES = (
    # Orthanc logs its ordinary progress as warnings.
    r"Orthanc (?:version: |has started|is stopping|has stopped)",
    r"Reading the configuration (?:from|file): ",
    r"The paths in the Orthanc configuration will be interpreted relative to folder: ",
    r"Loading external DICOM dictionary: ",
    r"Loading plugin\(s\) from: ",
    r"(?:Un)?[Rr]egistering plugin '",
    r"URI to the (?:DICOMweb REST|WADO-URI) API: ",
    r"DICOMweb public root: ",
    r"The DICOMweb plugin will use \d+ threads",
    r"(?:SQLite index|Storage) directory: ",
    r"Lua says: ",
    r"Disk compression is (?:en|dis)abled",
    r"Patient level is (?:en|dis)abled",
    r"(?:No limit|At most .*) on the (?:number of stored patients|size of the storage area)",
    r"At most \d+ patients will be stored",
    r"At most \d+MB will be used",
    r"The jobs engine has (?:started|stopped)",
    r"(?:Multitenant |Started multitenant |Stopping multitenant )?DICOM server (?:listening|has stopped)",
    r" *HTTP server has stopped| *DICOM server has stopped",
    r"HTTP server listening on port: ",
    r"HTTP compression is (?:en|dis)abled",
    r"Limiting (?:on )?the maximum (?:body size|file size)",
    # The certificates of the system are the ones that are wanted.
    r"No certificates are provided to validate peers.  Orthanc will use the native CA store",
    # These two say that the safe setting is in force.
    r"Remote LUA script execution is disabled",
    r"REST API cannot write to the file system because .* This is the most secure configuration",
    # About how Debian compiled the plugin.
    r"Performance warning in DICOMweb: The plugin was compiled against Orthanc SDK",
)
"""What a warning may say without being about the configuration."""

OPEN_WITHOUT_AUTHORIZATION = (
    r"====> Remote access is enabled while user authentication is explicitly disabled"
)
"""Said where the authorization plugin, which Debian lacks, would decide about each request."""


@dataclass(frozen=True)
class LogLine:
    """A line of Orthanc's log."""

    level: str
    """`E`, `W`, `I` or `T`."""
    thread: str
    source: str
    message: str


_LINE = re.compile(r"^([EWIT])\d{4} [\d:.]+\s+(.*?)\s*(\S+:\d+)\] (.*)$")


def read_log(text: str) -> tuple[LogLine, ...]:
    """The lines of a log; what follows a line without a head of its own belongs to that line."""
    lines: list[LogLine] = []
    for row in text.splitlines():
        if head := _LINE.match(row):
            lines.append(LogLine(*head.groups()))
        elif lines:
            last = lines.pop()
            lines.append(LogLine(last.level, last.thread, last.source, f"{last.message}\n{row}"))
        else:
            lines.append(LogLine("E", "", "", row))
    return tuple(lines)


@dataclass
class RunningOrthanc:
    """A running Orthanc."""

    program: Program
    url: str
    """Its REST interface, without a slash at the end."""
    host: str
    dicom_port: int
    configuration: Mapping[str, Any]
    """What it was started with."""

    def log(self) -> tuple[LogLine, ...]:
        """All lines of its log."""
        return read_log(self.program.text())

    def complaints(self, allowed: Iterable[str] = ()) -> list[str]:
        """The warnings and errors that are not ordinary notices (and match none of `allowed`)."""
        ordinary = re.compile("|".join(f"(?:{pattern})" for pattern in (*NOTICES, *allowed)))
        lines = (line for line in self.log() if line.level in "EW")
        return [f"{line.source}: {line.message}" for line in lines if not ordinary.match(line.message)]

    def request(self, method: str, path: str, **options: Any) -> web.Response:
        """Send a request to its REST interface."""
        return web.request(method, self.url + path, **options)

    def get(self, path: str) -> Any:
        """What a GET answers, as JSON; anything but 200 is an error."""
        return self._json(self.request("GET", path), path)

    def post(self, path: str, value: object) -> Any:
        """What a POST of JSON answers; anything but 200 is an error."""
        return self._json(self.request("POST", path, json_body=value), path)

    def study_labels(self) -> dict[str, frozenset[str]]:
        """The labels of every study, by StudyInstanceUID."""
        studies = self.post("/tools/find", {"Level": "Study", "Query": {}, "Expand": True})
        return {study["MainDicomTags"]["StudyInstanceUID"]: frozenset(study["Labels"]) for study in studies}

    def wait_until(self, is_so: Callable[[], bool], *, seconds: float = 20, what: str = "Orthanc") -> None:
        """Wait for something that Orthanc does in its own time, such as a study becoming stable."""
        self.program.wait_until(is_so, seconds=seconds, what=what)

    def stop(self, *, politely: float = 0) -> int:
        """Stop it: at once, or politely (3 s and more), so that everything is written."""
        return self.program.stop(politely=politely)

    @staticmethod
    def _json(answer: web.Response, path: str) -> Any:
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.text}")
        return answer.json()


@dataclass
class Orthanc:
    """Starts Orthanc; the fixture `orthanc` stops whatever is left."""

    network: Network
    folder: Path
    suite: str | None = None
    _running: list[RunningOrthanc] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def start(
        self,
        configuration: Path | Mapping[str, Any],
        *,
        mounts: Mapping[str, Path | Mount] | None = None,
        settings: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
        confinement: Confinement | None = None,
        storage: Path | None = None,
        name: str = "orthanc",
    ) -> RunningOrthanc:
        """Start Orthanc and wait until it answers.

        Args:
            configuration: a rendered `orthanc.json`, or what would stand in one.
            mounts: what else it finds where, such as `{"/etc/orthanc/labels.lua": path}`.
            settings: merged over the configuration; `None` removes a key.
            storage: a folder that keeps studies, to start again with them; one that is thrown away when left out.
            name: the service whose address it has.
        """
        number = next(self._count)
        given = commented.load(configuration) if isinstance(configuration, Path) else dict(configuration)
        final = commented.merged(given, {**_adjusted(given), **(settings or {})})
        path = self.folder / f"{number}-orthanc.json"
        path.write_text(json.dumps(final, indent=2), encoding="utf-8")
        kept = storage or self.folder / f"{number}-storage"
        kept.mkdir(exist_ok=True)
        seen = {"/etc/orthanc/orthanc.json": path, _STORAGE: Mount(kept, writable=True), **(mounts or {})}
        line = container.command_line(
            parts.debian(self.suite),
            ["/usr/sbin/Orthanc", "/etc/orthanc/orthanc.json"],
            work=self.folder / f"{number}-orthanc",
            mounts=seen,
            environment=environment,
            confinement=confinement,
        )
        host = self.network.service(name)
        url = f"http://{host}:{final.get('HttpPort', 8042)}"
        program = Program(line, log=self.folder / f"{number}-orthanc.log")
        running = RunningOrthanc(program, url, host, final.get("DicomPort", 4242), final)
        self._running.append(running)
        program.wait_until(lambda: "Orthanc has started" in program.text(), seconds=180, what="Orthanc")
        return running

    def close(self) -> None:
        """Stop all that was started."""
        for running in self._running:
            running.stop()


def _adjusted(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What has to differ from the container image: the paths of plugins and storage, and the database."""
    enabled = [name for name in PLUGINS if _is_on(configuration.get(name))]
    return {
        "StorageDirectory": _STORAGE,
        "IndexDirectory": _STORAGE,
        "Plugins": [f"{_FOLDER}/{PLUGINS[name]}" for name in enabled],
    }


def _is_on(section: object) -> bool:
    return isinstance(section, Mapping) and section.get("Enable", True) is not False


def wait_for_port(host: str, port: int, seconds: float = 10) -> None:
    """Wait until a DICOM server that a plugin starts listens too."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
