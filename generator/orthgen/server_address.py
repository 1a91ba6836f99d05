"""
Addresses of servers, and the certificate authorities that are trusted there.

Nothing of an address is repeated in a message before it is known to hold no password and no token.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from orthgen.errors import OrthgenError, system_reason

_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_PATH = re.compile(r"[A-Za-z0-9._~/%-]*")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class ServerAddress(Struct, frozen=True):
    """The address of a server, in its parts. `path` begins and ends with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (
            "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        )

    @property
    def url(self) -> str:
        """The whole address, with a slash at the end."""
        return self.origin + self.path

    def is_private(self) -> bool:
        """Whether nobody between here and there can listen. Looks the name up."""
        return self.scheme == "https" or is_this_machine(self.host)

    def with_scheme(self, scheme: str) -> str:
        """The address with another scheme, without the old scheme's default port."""
        port = _DEFAULT_PORTS[scheme] if self.port == _DEFAULT_PORTS[self.scheme] else self.port
        return ServerAddress(scheme, self.host, port, self.path).url.rstrip("/")


def parse_server(text: str, *, example: str, elsewhere: str) -> ServerAddress:
    """
    The parts of an http or https address; raises OrthgenError where it is no such address, or holds more.

    `elsewhere` says where names, passwords and tokens are told instead.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not _HOST.fullmatch(host) or parts.scheme not in _DEFAULT_PORTS or port == 0:
        raise OrthgenError("the address does not begin with http:// or https://", hint=f"write `{example}`")
    if parts.username is not None or parts.query or parts.fragment:
        # Not repeated: it may be a password, or a link with its token.
        raise OrthgenError(
            "the address has more than scheme, host, port and path",
            hint=f"leave out names, passwords and what follows a `?`; {elsewhere}",
        )
    if not _PATH.fullmatch(parts.path):
        raise OrthgenError(
            "the path of the address has characters that a path cannot have", hint="encode them"
        )
    return ServerAddress(
        parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/") + "/"
    )


def is_this_machine(host: str) -> bool:
    """Whether every address of `host` is one of this machine's own, so that no packet leaves it."""
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)}
    except (OSError, UnicodeError):
        return False
    return bool(addresses) and all(_is_own(str(address)) for address in addresses)


def _is_own(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if parsed.is_loopback:
        return True
    family = socket.AF_INET6 if parsed.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # Only an address of this machine can be bound to; nothing is sent.
            probe.bind((address, 0))
    except OSError:
        return False
    return not parsed.is_unspecified


def resolves(host: str) -> bool:
    """Whether this machine knows an address of `host`."""
    try:
        return bool(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM))
    except (OSError, UnicodeError):
        return False


def is_taken(address: str, port: int) -> bool:
    """Whether a program of this machine accepts connections on the port; an empty address means all."""
    try:
        with socket.create_connection((address or "127.0.0.1", port), 2):
            return True
    except OSError:
        return False


def can_listen(address: str, port: int) -> bool | None:
    """Whether a program could listen on the port; None where this user may not try."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, port))
    except PermissionError:
        return None
    except OSError:
        return False
    return True


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Trust the authority in `ca_file`, or those of the system; raises OrthgenError where it cannot be read."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        reason = "it is not a certificate (PEM)"
        if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
            reason = system_reason(error)
        raise OrthgenError(f"cannot read the authority's certificate `{ca_file}`: {reason}") from None


# PostgreSQL's protocol 3.0, message SSLRequest: its length, and its code. The server answers `S` if it speaks TLS.
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


def postgresql_failure(host: str, port: int, authority: Path | None) -> str:
    """
    The reason why PostgreSQL does not answer, or has no certificate of `authority` for `host`; empty if all is well.

    Nobody signs in. Without an authority, only an answer counts.
    """
    try:
        context = ssl.create_default_context(cafile=authority) if authority is not None else None
    except OSError as error:
        return f"cannot read `{authority}`: {error.strerror or 'it is not a certificate (PEM)'}"
    try:
        with socket.create_connection((host, port), 5) as connection:
            if context is None:
                return ""
            connection.sendall(_SSL_REQUEST)
            if connection.recv(1) != b"S":
                return "it speaks no TLS"
            with context.wrap_socket(connection, server_hostname=host):
                return ""
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is refused, {error.verify_message}"
    except OSError as error:
        return system_reason(error)
