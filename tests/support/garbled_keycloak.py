"""
A Keycloak that goes wrong in the middle of a conversation, in every way that a server, a proxy or a portal can.

It answers as tests/realm/fake_keycloak.py does, over HTTP, until a request that a seed chooses; from there on, or
for that request alone, what it says is garbled. Every garbled answer holds `RAW`, and most hold what was sent: no
message may show either.
"""

from __future__ import annotations

import copy
import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from orthgen.errors import KeycloakConflict
from orthgen.realm.admin.api import NotFound
from tests.realm.fake_keycloak import FakeKeycloak
from tests.support.quiet_server import QuietServer

RAW = "raw-answer-of-a-server"
ACCESS_TOKEN = "access-token-canary-7Hq2"
REFRESH_TOKEN = "refresh-token-canary-9Xc4"
_MANY_BYTES = 3_000_000


@dataclass
class Answer:
    """What would be right, and what is known of the question."""

    status: int
    headers: dict[str, str]
    content: Any
    sent: str
    random: random.Random

    @property
    def body(self) -> bytes:
        """The body that would be right."""
        return _written(self.content)


def _written(content: Any) -> bytes:
    """A page as it is, anything else as JSON."""
    if content is None:
        return b""
    return (
        content.encode() if isinstance(content, str) and content[:1] == "<" else json.dumps(content).encode()
    )


Garble = Callable[[Answer], bytes]
"""The bytes to send in place of an answer; then the connection is closed."""


def _http(
    body: bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = "", length: int = -1
) -> bytes:
    size = len(body) if length < 0 else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{more}\r\n"
    return head.encode("latin-1") + body


def _page(answer: Answer) -> bytes:
    body = f"<!doctype html><title>{RAW}</title><p class='instruction'>{answer.sent}</p>".encode()
    status = answer.random.choice(
        ["200 OK", "401 Unauthorized", "403 Forbidden", "404 Not Found", "503 Busy"]
    )
    return _http(body, status=status, kind=answer.random.choice(["text/html", "text/html; charset=x", ""]))


def _cut(answer: Answer) -> bytes:
    body = answer.body or b'{"access_token": "' + ACCESS_TOKEN.encode() + b'"}'
    return _http(body[: answer.random.randrange(len(body))])


def _cut_off(answer: Answer) -> bytes:
    whole = _http(answer.body or b"{}")
    return whole[: answer.random.randrange(len(whole))]


def _nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _nodes(item, (*path, key))


_OTHERS: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, "", RAW, [], {}, [RAW], {"x": RAW}, [None], [[RAW]], 10**30, "\x1b[2J" + RAW),
    *("..", "a/b", [{}], [{"id": 7, "name": {}}], {"error": RAW}, "é" * 300),
)


def _other_type(answer: Answer) -> bytes:
    content = copy.deepcopy(answer.content)
    for _ in range(answer.random.randint(1, 3)):
        path = answer.random.choice(list(_nodes(content)))
        other = answer.random.choice(_OTHERS)
        if not path:
            return _http(json.dumps(other).encode())
        inner = content
        for key in path[:-1]:
            inner = inner[key]
        if isinstance(inner, dict) and answer.random.random() < 0.4:
            del inner[path[-1]]
        else:
            inner[path[-1]] = other
    return _http(json.dumps(content).encode())


def _status(answer: Answer) -> bytes:
    code = answer.random.choice(
        [199, 202, 205, 226, 299, 300, 304, 400, 402, 404, 405, 407, 409, 413, 418, 429]
    )
    code = answer.random.choice([code, 451, 500, 501, 502, 503, 504, 505, 599, 999])
    after = answer.random.choice(["", "Retry-After: 1\r\n", "Retry-After: \xb2\r\n", "Retry-After: -5\r\n"])
    return _http(
        json.dumps({"error": RAW}).encode() * answer.random.randint(0, 1), status=f"{code} X", more=after
    )


def _echo(answer: Answer) -> bytes:
    """A complaint that quotes everything that it was sent, as debugging proxies do."""
    member = answer.random.choice(["error", "errorMessage", "error_description"])
    code = answer.random.choice([400, 401, 403, 409, 422, 500])
    return _http(json.dumps({member: answer.sent}).encode(), status=f"{code} X")


def _redirect(answer: Answer) -> bytes:
    place = answer.random.choice(
        [
            *("", "/", "//", "http://[", "http://a:b@c/", "http://h:99999/", "javascript:x", "http://\xe9/"),
            *(f"https://portal.example.org/?{RAW}", f"https://portal.example.org/{answer.sent[:40]}"),
        ]
    )
    place = re.sub(r"[\r\n]", "", place).encode("latin-1", "replace").decode("latin-1")
    code = answer.random.choice([301, 302, 303, 307, 308])
    return _http(b"", status=f"{code} X", more=f"Location: {place}\r\n")


def _encoding(answer: Answer) -> bytes:
    text = (answer.body or b"{}").decode()
    body, kind, more = answer.random.choice(
        [
            (text.encode("utf-16"), "application/json", ""),
            (b"\xef\xbb\xbf" + text.encode(), "application/json", ""),
            (text.encode().replace(b'"', b'"\xff\xfe', 1), "application/json", ""),
            (text.encode(), "application/json", "Content-Encoding: gzip\r\n"),
            (text.encode(), "application/json", "Content-Encoding: br, gzip\r\n"),
            (text.replace('"', '"\\ud800', 1).encode(), "application/json; charset=utf-7", ""),
            (b"\x00" * 40, "application/octet-stream", ""),
        ]
    )
    return _http(body, kind=kind, more=more)


def _chunks(answer: Answer) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = [
        b"zz\r\n{}\r\n",
        b"5\r\n{}",
        b"-1\r\n",
        b"ffffffffffffffffff\r\n{}",
        b"2\r\n{}\r\n",
        b"2\r\n{}0\r\n\r\n",
    ]
    return head + answer.random.choice(chunks)


def _no_http(answer: Answer) -> bytes:
    noise = answer.random.randbytes(60)
    return answer.random.choice(
        [
            b"",
            noise,
            b"HTTP/1.1\r\n\r\n",
            b"HTTP/9.9 abc\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"\x15\x03\x03\x00\x02\x02\x46",
            b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nX: \x00" + noise + b"\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        ]
    )


def _cookies(answer: Answer) -> bytes:
    values = [
        "a=b",
        "=",
        ";;;",
        "a=b; Expires=never; Max-Age=x",
        "a=" + "b" * 9000,
        "a=b; Domain=.com",
        "\x7f\xff",
    ]
    more = "".join(f"Set-Cookie: {value}\r\n" for value in answer.random.sample(values, 4))
    return _http(answer.body or b"{}", more=more, status=f"{answer.status} X")


def _size(answer: Answer) -> bytes:
    body = answer.random.choice(
        [b"", b" " * _MANY_BYTES, b"[" * 60_000, b'{"a":' * 60_000, b'"' + b"x" * _MANY_BYTES]
    )
    nested = answer.random.randint(70, 950)
    return _http(answer.random.choice([body, b'{"attributes":' + b"[" * nested + b"]" * nested + b"}"]))


def _token_like(answer: Answer) -> bytes:
    token: dict[str, Any] = {"access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN}
    token |= answer.random.choice(
        [
            {"expires_in": "soon"},
            {"expires_in": None},
            {"expires_in": -1e300},
            {"access_token": ACCESS_TOKEN + "\r\nX: y"},
            {"access_token": "é" + ACCESS_TOKEN},
            {"access_token": ["x", ACCESS_TOKEN]},
            {"access_token": ""},
        ]
    )
    return _http(json.dumps(token).encode())


GARBLES: tuple[Garble, ...] = (
    *(_page, _cut, _cut_off, _other_type, _other_type, _other_type, _status, _echo, _echo, _redirect),
    *(_encoding, _chunks, _no_http, _cookies, _size, _token_like),
)


@dataclass
class GarbledKeycloak:
    """A running server; `begin` says what the next conversation meets."""

    url: str = ""
    fake: FakeKeycloak = field(default_factory=FakeKeycloak)
    seen: int = 0
    garbled: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    _from: int = 0
    _lasting: bool = False
    _garble: Garble | None = None
    _random: random.Random = field(default_factory=random.Random)

    def begin(self, fake: FakeKeycloak, seed: int, *, longest: int) -> None:
        """Choose which request is garbled, and how; `longest` is how many an undisturbed conversation has."""
        self.fake, self.seen, self.garbled = fake, 0, 0
        self._random = random.Random(seed)
        # Half of them in the first requests, which every conversation has.
        self._from = self._random.randrange(self._random.choice([6, max(longest, 1)]))
        self._lasting = self._random.random() < 0.4
        self._garble = self._random.choice(GARBLES) if longest else None

    def bytes_for(self, verb: str, path: str, sent: str, authorization: str) -> tuple[bytes, bool]:
        """The answer, and whether the connection is closed behind it."""
        with self.lock:
            number = self.seen
            self.seen += 1
            status, headers, content = self._right(verb, path, sent)
            hit = self._garble and (number == self._from or (self._lasting and number > self._from))
            if not hit or self._garble is None:
                more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                return _http(_written(content), status=f"{status} X", more=more), False
            self.garbled += 1
            quoted = f"{RAW} {authorization} {sent}"
            return self._garble(Answer(status, headers, content, quoted, self._random)), True

    def _right(  # noqa: PLR0911 - one for each place
        self, verb: str, path: str, sent: str
    ) -> tuple[int, dict[str, str], Any]:
        parts = urlsplit(path)
        place = parts.path.lstrip("/")
        if place.endswith("/token"):
            return 200, {}, {"access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN, "expires_in": 300}
        if place.endswith("/.well-known/openid-configuration"):
            base = self.url + parts.path.removesuffix("/.well-known/openid-configuration")
            endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
            return 200, {}, {"issuer": base, **{name: f"{base}/{name}" for name in endpoints}}
        if place.endswith("/openid-connect/auth"):
            return (
                200,
                {},
                f'<form action="{self.url}/realms/orthanc/login-actions/authenticate?a=b"> name="password"',
            )
        if "/login-actions/" in place:
            return 302, {"Location": "http://localhost/ui/app/?state=x&code=y"}, None
        if not place.startswith("admin/"):
            return 200, {}, {"realm": place.removeprefix("realms/"), "public_key": "AAAA"}
        try:
            body = json.loads(sent) if sent else None
            answer = self.fake.ask(verb, place, body, dict(parse_qsl(parts.query)))
        except NotFound:
            return 404, {}, {"error": "not found"}
        except KeycloakConflict:
            return 409, {}, {"errorMessage": "it exists"}
        if verb == "GET":
            return 200, {}, answer
        return (
            (201, {"Location": f"{self.url}/{place}/{answer}"}, None) if verb == "POST" else (204, {}, None)
        )


@contextmanager
def garbled_keycloak() -> Iterator[GarbledKeycloak]:
    """A server on loopback that stops with the test."""
    keycloak = GarbledKeycloak()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _handle(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            authorization = self.headers.get("Authorization", "")
            data, closed = keycloak.bytes_for(self.command, self.path, sent, authorization)
            self.close_connection = closed
            try:
                self.wfile.write(data)
            except OSError:  # nobody reads on: that is what is tried
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that the server looks for

    server = QuietServer(("127.0.0.1", 0), Handler)
    keycloak.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield keycloak
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
