"""
A stand-in for the authorization plugin: an HTTP server before Orthanc that asks the auth-service about each request.

The project's model of the plugin decides; `rewritten` does what the plugin's own handlers do with a granted request.
"""

from __future__ import annotations

import http.client
import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_plus

from orthgen.authz.decide import decide
from orthgen.authz.model import Request
from orthgen.authz.plugin_config import PluginConfiguration
from tests.support.images.orthanc import explorer, rewritten
from tests.support.images.orthanc.callers import AuthServiceClient, Caller
from tests.support.images.orthanc.stored import Archive

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}
_PIECE = 1 << 16
_LARGEST_READ = 4 << 20
"""Bodies up to this size are read before the request is decided: those that the plugin reads are JSON."""


class Server(ThreadingHTTPServer):
    """The filter, with what each request needs."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, configuration: Mapping[str, Any], behind: int) -> None:
        super().__init__(("", int(configuration.get("HttpPort", 8042))), _Handler)
        self.configuration = configuration
        self.plugin = PluginConfiguration.compile(configuration)
        self.auth_service = AuthServiceClient(configuration.get("Authorization", {}))
        self.archive = Archive(behind)

    def handle_error(self, *_: object) -> None:
        """Report nothing: callers go away in the middle of an answer."""


def serve(configuration: Mapping[str, Any], behind: int) -> None:
    """Filter requests for the Orthanc that listens on port `behind`, for ever."""
    Server(configuration, behind).serve_forever(0.1)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def _answer(self) -> None:
        self.close_connection = False
        body = self._read_body()
        try:
            self._decided(body)
        except Exception:  # noqa: BLE001 - the plugin refuses whatever it cannot decide
            sys.stderr.write(f"ERROR: {self.command} {self.path.partition('?')[0]}: {traceback.format_exc()}")
            self._drain(body)
            self._send(403, {}, b"")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _answer  # noqa: N815

    def _decided(self, body: bytes | Iterator[bytes] | None) -> None:
        parsed = _json(body)
        caller = Caller(self.server.auth_service, self.command, self._token_values())
        request = Request(
            self.command,
            self.path,
            caller.tokens,
            self.server.archive.resources(),
            parsed if isinstance(parsed, dict) else None,
            self.headers.get("X-HTTP-Method-Override", ""),
        )
        # The model only asks the service for profiles and links, which the caller does.
        if not decide(self.server.plugin, caller, request).granted:  # type: ignore[arg-type]
            self._drain(body)
            self._send(403, {}, b"")
            return
        page = explorer.answer(self.server.configuration, self.command, self.path)
        if page is not None:
            self._drain(body)
            self._send(*page)
            return
        context = rewritten.Context(self.server.plugin, self.server.archive, self.server.auth_service, caller)
        answer = rewritten.own_answer(context, request, parsed)
        if answer is not None:
            self._drain(body)
            self._send(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())
            return
        target, changed = rewritten.confined(context, request, parsed)
        self._forward(target, body if changed is None else json.dumps(changed).encode(), context, request)

    def _token_values(self) -> dict[str, tuple[str, bool]]:
        pairs = (pair.partition("=")[::2] for pair in unquote_plus(self.path.partition("?")[2]).split("&"))
        arguments = dict(pairs) if self.command == "GET" else {}
        values: dict[str, tuple[str, bool]] = {}
        for carrier in self.server.plugin.carriers:
            value = arguments.get(carrier.name) if carrier.argument else self.headers.get(carrier.name)
            # A header wins over an argument of the same name, as it comes first.
            if value is not None and carrier.name not in values:
                values[carrier.name] = (value, carrier.argument)
        return values

    # ------------------------------------------------------------------------------------------------- bodies

    def _read_body(self) -> bytes | Iterator[bytes] | None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        size = int(self.headers.get("Content-Length") or 0)
        if not size:
            return None
        return self.rfile.read(size) if size <= _LARGEST_READ else self._pieces(size)

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size > 0 and (piece := self.rfile.read(min(size, _PIECE))):
            size -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def _drain(self, body: bytes | Iterator[bytes] | None) -> None:
        if body is not None and not isinstance(body, bytes):
            # The rest of a large body is not worth reading.
            self.close_connection = True

    # ------------------------------------------------------------------------------------------------ answers

    def _forward(
        self, target: str, body: bytes | Iterator[bytes] | None, context: rewritten.Context, request: Request
    ) -> None:
        dropped = _HOP_BY_HOP | {"content-length", "expect"}
        headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
        connection = http.client.HTTPConnection("127.0.0.1", context.archive.port, timeout=600)
        try:
            if isinstance(body, bytes):
                headers["Content-Length"] = str(len(body))
            elif body is not None and "Content-Length" in self.headers:
                headers["Content-Length"] = self.headers["Content-Length"]
            connection.request(
                self.command,
                target,
                body=body,
                headers=headers,
                encode_chunked="Content-Length" not in headers,
            )
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
            hides = rewritten.hides_labels(context, request) and answer.status == 200
            if hides:
                content = rewritten.without_labels(context, answer.read())
                self._send(200, {**kept, "Content-Length": str(len(content))}, content)
            else:
                self._stream(answer, kept)
        finally:
            connection.close()

    def _stream(self, answer: http.client.HTTPResponse, headers: Mapping[str, str]) -> None:
        sized = any(name.lower() == "content-length" for name in headers)
        has_body = self.command != "HEAD" and answer.status not in (204, 304)
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if has_body and not sized:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while has_body and (piece := answer.read(_PIECE)):
            self.wfile.write(piece if sized else b"%x\r\n%s\r\n" % (len(piece), piece))
        if has_body and not sized:
            self.wfile.write(b"0\r\n\r\n")

    def _send(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Print nothing: Orthanc logs no requests either."""


def _json(body: bytes | Iterator[bytes] | None) -> Any:
    if not isinstance(body, bytes):
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None
