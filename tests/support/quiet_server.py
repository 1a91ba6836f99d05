"""A server of HTTP that says nothing about connections that a caller drops."""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer
from typing import Any


class QuietServer(ThreadingHTTPServer):
    """
    Python's server, without its traceback about a lost connection.

    The traceback would be part of what a test captures, which then looks like the output of the command.
    """

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a connection that the other side ended; anything else is a fault of the test."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
