"""The server that the tests of the admin client ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from tests.support.admin_server import StandIn, handler


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A stand-in on loopback, below a sub-path as Keycloak often is."""
    found = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(found))
    found.url = f"http://127.0.0.1:{server.server_address[1]}/keycloak"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()
