"""
A proxy between provisioning and Keycloak: counts requests, and makes any one of them go wrong.

Loopback only; it forwards to one server and stops with the test.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Literal
from urllib.parse import urlsplit

from tests.support.quiet_server import QuietServer

Fault = Literal["drop", "lose", "gone", "429", "500", "503", "409", "slow", "gives up"]
"""`drop`: never reaches the server. `lose`: carried out, but the answer is lost. `gone`: this and every later request
is dropped. A number: answered so by the proxy. `slow`: passed on after a while.
`gives up`: answered by 504 at once, and passed on all the same, as a proxy does that waits for a minute and no longer."""


@dataclass
class FaultProxy:
    """Requests in order, and the fault of each position."""

    url: str
    log: list[tuple[str, str]] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """What changed something; signing in does not."""
        return [entry for entry in self.log if entry[0] != "GET" and not entry[1].endswith("/token")]

    def reset(self, faults: dict[int, Fault] | None = None) -> None:
        """Forget the requests so far, and plan faults for those to come."""
        with self.lock:
            self.log.clear()
            self.faults = dict(faults or {})

    def fault_of(self, verb: str, path: str) -> Fault | None:
        """Note a request; the fault that it is to suffer."""
        with self.lock:
            number = len(self.log)
            self.log.append((verb, path.partition("?")[0]))
            gone = any(kind == "gone" and at <= number for at, kind in self.faults.items())
            return "drop" if gone else self.faults.get(number)


class _Server(QuietServer):
    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = urlsplit(upstream)
        self.proxy = FaultProxy(f"http://127.0.0.1:{self.server_address[1]}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.proxy.fault_of(self.command, self.path)
        if fault == "drop":
            self.close_connection = True
            return
        if fault is not None and fault.isdigit():
            self._answer(int(fault), [("Retry-After", "0")], b'{"error":"a fault of the tests"}')
            return
        if fault == "slow":
            threading.Event().wait(0.3)
        if fault == "gives up":
            threading.Thread(target=self._forward, args=(body, 600), daemon=True).start()
            self._answer(504, [], b"<html>504 Gateway Time-out</html>")
            return
        answer, content = self._forward(body)
        if fault == "lose":
            self.close_connection = True
            return
        self._answer(answer.status, answer.getheaders(), content)

    def _forward(self, body: bytes, seconds: float = 60) -> tuple[http.client.HTTPResponse, bytes]:
        target = self.server.target
        upstream = http.client.HTTPConnection(target.hostname or "", target.port, timeout=seconds)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            upstream.request(self.command, self.path, body, headers)
            answer = upstream.getresponse()
            return answer, answer.read()
        finally:
            upstream.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that the server looks for


@contextmanager
def fault_proxy(upstream: str) -> Iterator[FaultProxy]:
    """A running proxy in front of `upstream`."""
    server = _Server(upstream)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
