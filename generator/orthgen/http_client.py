"""
HTTP client for one server: no redirects, bounded size and time, no proxy of the environment unless asked for.

Every outcome is a `Reply` or a `NoReply` in the project's own words: no text of a library or a server gets into a
message here.
"""

from __future__ import annotations

import http.cookiejar
import json
import socket
import ssl
import time
import warnings
import weakref
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import httpx
from msgspec import Struct

from orthgen.server_address import tls_context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_BYTES = 64 * 1024 * 1024
CONNECT_SECONDS = 10.0
RETRYABLE_STATUS = frozenset({429, 500, 502, 503, 504})
_MAX_RETRY_AFTER_SECONDS = 30.0


class Fault(Enum):
    """Reason for a missing reply; the value is its text in messages."""

    REFUSED = "connection refused"
    UNKNOWN_NAME = "the name is not known"
    NO_ROUTE = "no route to it"
    UNTRUSTED = "its certificate is not trusted"
    NO_TLS = "it does not speak TLS there"
    TIMEOUT = "no answer in time"
    LOST = "the connection was closed without an answer, or the answer is not HTTP"
    TOO_LARGE = f"the answer is larger than {MAX_BYTES // 1024 // 1024} MB"
    ENCODED = "the answer has a content encoding that was not requested"

    @property
    def was_sent(self) -> bool:
        """Whether the request may have reached the server."""
        return self not in {
            Fault.REFUSED,
            Fault.UNKNOWN_NAME,
            Fault.NO_ROUTE,
            Fault.UNTRUSTED,
            Fault.NO_TLS,
        }


class NoReply(Exception):
    """Failure of a request: no reply, or an unreadable one; `detail` holds no text of the server."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.detail = detail

    @property
    def reason(self) -> str:
        """The fault in a message."""
        return f"{self.fault.value} ({self.detail})" if self.detail else self.fault.value


class Reply(Struct, frozen=True):
    """A complete answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait that the server asks for, at most 30; None where it names none."""
        text = self.headers.get("retry-after", "")
        if not (text.isascii() and text.isdecimal()):
            return None
        return min(float(text[:6]), _MAX_RETRY_AFTER_SECONDS)

    @property
    def is_page(self) -> bool:
        """Whether the body is a web page, which the admin API never sends."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return "html" in kind or self.body.lstrip()[:1] == b"<"

    @property
    def redirect_origin(self) -> str:
        """Scheme and host of a redirect's target, or an empty text; the rest of the address may hold a secret."""
        try:
            target = urlsplit(self.headers.get("location", ""))
            host, port = target.hostname or "", target.port
        except ValueError:
            return ""
        if target.scheme not in {"http", "https"} or not host.replace("-", "").replace(".", "").isalnum():
            return ""
        return f"{target.scheme}://{host}" + (f":{port}" if port else "") if host.isascii() else ""


class HttpClient:
    """Connections to one server. Several threads may use it."""

    def __init__(
        self,
        server: str,
        *,
        ca_file: Path | None = None,
        connections: int = 4,
        cookies: bool = False,
        proxies_of_environment: bool = False,
    ) -> None:
        self._server = server
        self._cookies = _Cookies() if cookies else None
        self._client = httpx.Client(
            # The system's authorities take a while to read, and only TLS needs them.
            verify=tls_context(ca_file) if server.startswith("https:") else False,
            # Without it nothing of the environment is used: Keycloak's secrets take no detour over a proxy.
            trust_env=proxies_of_environment,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            cookies=_NoCookies(),
            headers={"Accept": "application/json" if not cookies else "*/*", "Accept-Encoding": "identity"},
        )
        weakref.finalize(self, self._client.close)

    def send(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        seconds: float,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json_body: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request below the server's address. Raises NoReply where nothing comes that can be read."""
        url = self._server + path + (f"?{urlencode(query)}" if query else "")
        sent_headers = dict(headers or {})
        if self._cookies is not None:
            sent_headers |= self._cookies.header()
        content: bytes | None = None
        if form is not None:
            content = urlencode(form).encode()
            sent_headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif json_body is not None:
            content = json.dumps(json_body).encode()
            sent_headers["Content-Type"] = "application/json"
        limits = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds), pool=None)
        try:
            with self._client.stream(
                method, url, headers=sent_headers, content=content, timeout=limits
            ) as answer:
                if self._cookies is not None:
                    httpx.Cookies(self._cookies).extract_cookies(answer)
                body = _read(answer, time.monotonic() + seconds)
                reply_headers = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(answer.status_code, reply_headers, body)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            raise _no_reply(error, seconds) from None


def _read(answer: httpx.Response, deadline: float) -> bytes:
    if answer.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise NoReply(Fault.ENCODED)
    pieces, size = [], 0
    for piece in answer.iter_raw():
        size += len(piece)
        if size > MAX_BYTES:
            raise NoReply(Fault.TOO_LARGE)
        # Each piece may come in time while the body never ends.
        if time.monotonic() > deadline:
            raise NoReply(Fault.TIMEOUT, "the answer does not end")
        pieces.append(piece)
    return b"".join(pieces)


def _no_reply(error: BaseException, seconds: float) -> NoReply:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            # OpenSSL's words about a certificate, none of the server's.
            return NoReply(Fault.UNTRUSTED, cause.verify_message)
        if isinstance(cause, ssl.SSLError):
            return NoReply(Fault.NO_TLS)
        if isinstance(cause, socket.gaierror):
            return NoReply(Fault.UNKNOWN_NAME)
        if isinstance(cause, ConnectionRefusedError):
            return NoReply(Fault.REFUSED)
    if isinstance(error, httpx.ConnectTimeout):
        return NoReply(Fault.NO_ROUTE, f"no connection within {min(CONNECT_SECONDS, seconds):g} s")
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return NoReply(Fault.TIMEOUT, f"{seconds:g} s")
    return NoReply(Fault.NO_ROUTE if isinstance(error, httpx.ConnectError) else Fault.LOST)


def _causes(error: BaseException | None) -> Any:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class _NoCookies(http.cookiejar.CookieJar):
    """A jar that takes and sends no cookie, because the admin API uses none."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take none."""

    def add_cookie_header(self, request: Any) -> None:
        """Send none."""


class _Cookies(http.cookiejar.CookieJar):
    """A jar for the cookies of a sign-in page."""

    def header(self) -> dict[str, str]:
        """
        The header with every cookie.

        The path of a cookie is ignored, because Keycloak sets the path of its public address, and `--server` may have
        another. A jar belongs to one sign-in at one server, so no other server gets the cookies.
        """
        self.clear_expired_cookies()
        values = {cookie.name: cookie.value for cookie in self}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in values.items())} if values else {}

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take readable cookies, without the warnings of Python's module about others."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            super().extract_cookies(response, request)
