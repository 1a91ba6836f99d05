"""A plain HTTP client: it sends exactly the path, headers and body that a test gives, and follows nothing."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Body = bytes | str | Iterable[bytes] | None


@dataclass(frozen=True)
class Response:
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; several headers of one name are joined with commas, as HTTP allows."""
    body: bytes
    cookies: tuple[str, ...] = ()
    """Each `Set-Cookie` header, which must not be joined."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: Body = None,
    json_body: object = None,
    trust: ssl.SSLContext | None = None,
    target: str | None = None,
    seconds: float = 60,
) -> Response:
    """Send one request and read the answer.

    Args:
        target: sent as it stands instead of the path of `url`, for spellings that no URL library would keep.
        trust: which certificates to accept for https; those of the system when left out.
    """
    parts = urlsplit(url)
    sent = {"Accept": "*/*", **(headers or {})}
    if json_body is not None:
        body = json.dumps(json_body)
        sent.setdefault("Content-Type", "application/json")
    connection = _connect(parts.scheme, parts.hostname or "", parts.port, trust, seconds)
    path = target or (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # The library refuses control characters in a path; a test that sends them means it.
    vars(connection)["_validate_path"] = lambda _: None
    try:
        connection.request(method, path, body=body, headers=sent)
        answer = connection.getresponse()
        pairs = answer.getheaders()
        return Response(
            answer.status,
            _joined(pairs),
            answer.read(),
            tuple(value for name, value in pairs if name.lower() == "set-cookie"),
        )
    finally:
        connection.close()


def get(url: str, **options: Any) -> Response:
    """Send a GET request."""
    return request("GET", url, **options)


def trusting(certificate: str) -> ssl.SSLContext:
    """Accept certificates that the given PEM file signs, and no others."""
    return ssl.create_default_context(cafile=certificate)


def zeros(size: int, piece: int = 1 << 20) -> Iterator[bytes]:
    """A body of so many bytes that never exists as a whole; send it with a `Content-Length`."""
    block = bytes(piece)
    whole, rest = divmod(size, piece)
    for _ in range(whole):
        yield block
    yield block[:rest]


def _connect(
    scheme: str, host: str, port: int | None, trust: ssl.SSLContext | None, seconds: float
) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=trust)
    return http.client.HTTPConnection(host, port, timeout=seconds)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined
