"""Stand-ins for the services behind nginx: each answers everything, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self, cast


@dataclass(frozen=True)
class Seen:
    """A request as it arrived at a stand-in."""

    service: str
    method: str
    target: str
    """The path and its arguments, byte for byte."""
    headers: Mapping[str, str]
    """Names in lower case; several of one name are joined with commas."""
    body_size: int
    body_start: bytes
    """The first 4 kB of the body; the rest is counted and dropped."""

    @property
    def path(self) -> str:
        """The target without its arguments."""
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Answer:
    """What a stand-in says; the default names the service and repeats the request."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class StandIn:
    """An HTTP server under a service's name and port.

    Args:
        answer: says what to answer to a request; 200 with a few words about the request when left out.
    """

    def __init__(
        self,
        name: str,
        address: str,
        port: int,
        answer: Callable[[Seen], Answer] | None = None,
    ) -> None:
        self.name = name
        self.requests: list[Seen] = []
        self.answer = answer or _echo
        self._lock = threading.Lock()
        self._server = _Server((address, port), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def last(self) -> Seen:
        """The request that came last."""
        return self.requests[-1]

    def clear(self) -> None:
        """Forget what was asked."""
        with self._lock:
            self.requests.clear()

    def remember(self, seen: Seen) -> Answer:
        """Keep a request and say what to answer."""
        with self._lock:
            self.requests.append(seen)
        return self.answer(seen)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _echo(seen: Seen) -> Answer:
    said = {"service": seen.service, "method": seen.method, "target": seen.target, "body": seen.body_size}
    return Answer(headers=(("Content-Type", "application/json"),), body=json.dumps(said).encode())


class _Server(ThreadingHTTPServer):
    owner: StandIn
    daemon_threads = True
    allow_reuse_address = True
    # nginx keeps connections open; waiting for their threads would hold up the end of a test.
    block_on_close = False
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body are two writes; without this the second waits for the peer's acknowledgement.
    disable_nagle_algorithm = True

    def handle_any(self) -> None:
        """Read the whole request, whatever it is, and answer it."""
        owner = cast("_Server", self.server).owner
        size, start = self._read_body()
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        # `self.path` would do, but the library shortens `//` at its start.
        target = self.requestline.split(" ")[1]
        answer = owner.remember(Seen(owner.name, self.command, target, headers, size, start))
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Take every method, even one that HTTP does not know."""
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def _read_body(self) -> tuple[int, bytes]:
        pieces = self._chunks() if "chunked" in self.headers.get("Transfer-Encoding", "") else self._sized()
        size, start = 0, b""
        for piece in pieces:
            size += len(piece)
            start += piece[: 4096 - len(start)]
        return size, start

    def _sized(self, size: int | None = None) -> Iterator[bytes]:
        left = int(self.headers.get("Content-Length", 0)) if size is None else size
        while left:
            piece = self.rfile.read(min(left, 1 << 20))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield from self._sized(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def log_message(self, *_: object) -> None:
        """Print nothing; the tests look at `requests`."""
