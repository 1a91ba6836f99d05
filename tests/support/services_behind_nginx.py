"""Stand-in services behind nginx, which record what reaches them and answer as a test says."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from tests.support.quiet_server import QuietServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that reached a stand-in. Header names are in lower case; a repeated header is joined by `, `."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    length: int


Answer = tuple[int, dict[str, str], bytes]


class StandIn:
    """A service that records what it is asked; `answer` decides what it says, by default its own name."""

    def __init__(self, name: str, answer: Callable[[Seen], Answer] | None = None) -> None:
        self.name = name
        self.answer = answer or self._name
        self.seen: list[Seen] = []
        self.begun = threading.Event()
        """Set when some of a body has arrived."""
        self.server = _Server(self)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def _name(self, request: Seen) -> Answer:
        return (
            200,
            {"Content-Type": "application/json"},
            json.dumps({"service": self.name, "path": request.path}).encode(),
        )

    def stop(self) -> None:
        """Let nobody in any more."""
        self.server.shutdown()
        self.server.server_close()


# Bodies above this are counted, not kept.
_KEPT = 4 * 2**20


class _Handler(BaseHTTPRequestHandler):
    """Takes a request in, asks the stand-in, and says what it says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        body, length = self._body()
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            add_header(headers, name, value)
        request = Seen(self.command, self.path, headers, body, length)
        self.server.stand_in.seen.append(request)
        status, answered, content = self.server.stand_in.answer(request)
        self.send_response(status)
        for name, value in answered.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _body(self) -> tuple[bytes, int]:
        kept, length = b"", 0
        for part in self._parts():
            self.server.stand_in.begun.set()
            length += len(part)
            if length <= _KEPT:
                kept += part
        return kept, length

    def _parts(self) -> Iterator[bytes]:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield from self._read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            yield from self._read(int(self.headers.get("Content-Length") or 0))

    def _read(self, size: int) -> Iterator[bytes]:
        while size:
            part = self.rfile.read1(min(size, 2**20))
            if not part:
                return
            size -= len(part)
            yield part

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""


class _Server(QuietServer):
    request_queue_size = 256

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand_in = stand_in


def add_header(headers: dict[str, str], name: str, value: str) -> None:
    """Note a header under its name in lower case, after a value that it has already."""
    name = name.lower()
    headers[name] = f"{headers[name]}, {value}" if name in headers else value
