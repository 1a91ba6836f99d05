"""
HTTP client of the probe, for one host: no redirects, no proxy of the environment.

Every request has a connection of its own and a time limit, whatever the server sends.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import warnings
from pathlib import Path

from orthgen import __version__
from orthgen.errors import DeploymentUnreachable
from orthgen.probe.model import ProbeReply
from orthgen.server_address import ServerAddress, parse_server, tls_context

# No check reads more of an answer.
_MAX_RESPONSE_BYTES = 256 * 1024
_AGENT = f"orthgen-verify/{__version__}"


def parse_address(text: str) -> ServerAddress:
    """The parsed http or https address; raises OrthgenError where it is invalid or has further parts."""
    return parse_server(
        text,
        example="https://pacs.example.org/",
        elsewhere="name the tokens with `--user-token`, `--link-token`",
    )


class Client:
    """Client for the host of `address`. `sent` lists the requests in order, without headers."""

    def __init__(self, address: ServerAddress, *, ca_file: Path | None = None, seconds: float = 10) -> None:
        self.address = address
        self.sent: list[str] = []
        self._seconds = seconds
        self._trust = tls_context(ca_file)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        plain_http: bool = False,
    ) -> ProbeReply:
        """
        Send one request; the answer, or the reason for a missing one.

        `path` starts at the origin. `plain_http`: use port 80 of the same host without TLS.
        """
        self.sent.append(f"{method} {path}" + (" (port 80)" if plain_http else ""))
        connection = self._connection(plain_http=plain_http)
        # A server that sends single bytes would reset the timeout of each read.
        deadline = threading.Timer(self._seconds * 2, _shut_down, [connection])
        deadline.daemon = True
        deadline.start()
        try:
            connection.request(
                method, path, body=body, headers={"User-Agent": _AGENT, "Accept": "*/*"} | (headers or {})
            )
            answer = connection.getresponse()
            return ProbeReply(answer.status, _headers(answer), answer.read(_MAX_RESPONSE_BYTES))
        except ssl.SSLCertVerificationError as error:
            return ProbeReply(failure=f"the certificate is not accepted ({error.verify_message})")
        except TimeoutError:
            return ProbeReply(failure=f"no answer within {self._seconds:g} seconds")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return ProbeReply(failure=f"no answer ({_kind(error)})")
        finally:
            deadline.cancel()
            connection.close()

    def reach(self) -> None:
        """Raise DeploymentUnreachable where the address does not answer or its certificate is not trusted."""
        reply = self.send("GET", self.address.path)
        if reply.failure:
            hint = (
                "`--ca-file` names the authority that signed it"
                if "certificate" in reply.failure
                else "is it the address that browsers use?"
            )
            raise DeploymentUnreachable(f"{self.address.origin}: {reply.failure}", hint=hint)

    def certificate(self) -> bytes:
        """The certificate that the server shows (DER), trusted or not; empty where there is none."""
        if self.address.scheme != "https":
            return b""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # no request is sent
        try:
            with (
                socket.create_connection((self.address.host, self.address.port), self._seconds) as plain,
                context.wrap_socket(plain, server_hostname=self.address.host) as connection,
            ):
                return connection.getpeercert(binary_form=True) or b""
        except OSError:
            return b""

    def takes_old_tls(self) -> bool | None:
        """Whether the server accepts TLS 1.0 or 1.1; None where this machine cannot try."""
        if self.address.scheme != "https":
            return None
        context = _old_context()
        if context is None:
            return None
        try:
            with (
                socket.create_connection((self.address.host, self.address.port), self._seconds) as plain,
                context.wrap_socket(plain, server_hostname=self.address.host),
            ):
                return True
        except ssl.SSLError as error:
            # The TLS library of this machine refused, not the server.
            return None if error.reason in {"NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE"} else False
        except ConnectionError:
            return False
        except OSError:
            return None

    def _connection(self, *, plain_http: bool) -> http.client.HTTPConnection:
        host, port = self.address.host, self.address.port
        if plain_http:
            return http.client.HTTPConnection(host, 80, timeout=self._seconds)
        if self.address.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._seconds, context=self._trust)
        return http.client.HTTPConnection(host, port, timeout=self._seconds)


def _old_context() -> ssl.SSLContext | None:
    """A context for TLS 1.0 and 1.1 alone, without a check of the certificate, because no request is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("DEFAULT@SECLEVEL=0")
    except (ssl.SSLError, ValueError):
        return None
    return context


def _shut_down(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _headers(answer: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.getheaders()}


def _kind(error: Exception) -> str:
    """The error's kind, without any text of the request."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, socket.gaierror):
        return "the name is not known"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or 'no handshake'}"
    return type(error).__name__
