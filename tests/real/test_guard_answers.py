"""What comes back through the guard: answers of any size stream, and a service behind directs nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.real.test_guard import EVERY_NGINX, PROFILE
from tests.support.builders import make_deployment
from tests.support.filtered import user_token
from tests.support.real import web
from tests.support.rendered_nginx import Edge, edge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.services_behind_nginx import Answer, Seen

# Above everything that nginx could keep in memory for one answer of a subrequest.
LARGE = b"[" + b'"49149567-dee7c8b5-f07db365-0fb59818-2f785498",' * 100_000 + b'""]'


def _answer(seen: Seen) -> Answer:
    path = seen.path.partition("?")[0]
    if path == "/tools/find":
        return 200, {"Content-Type": "application/json"}, LARGE
    if path == "/system":
        return 200, {"X-Accel-Redirect": "/-/ask/patients", "X-Accel-Limit-Rate": "1"}, b"itself"
    if path == "/patients":
        return 200, {}, b"the internal location"
    return 404, {}, b""


@pytest.fixture(scope="module", params=EVERY_NGINX)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """The guard in front of a service with large answers and directions for nginx."""
    folder = tmp_path_factory.mktemp("answers")
    with edge(
        make_deployment(**PROFILE), folder, nginx=request.param, answers={"orthanc": _answer}
    ) as started:
        yield started


def _ask(running: Edge, line: str, body: object = None) -> web.Response:
    method, path = line.split(" ")
    return web.request(
        method,
        f"http://127.0.0.1:{running.http}",
        target=path,
        headers={"Host": "localhost", "token": user_token("reader")},
        body=json.dumps(body).encode() if body is not None else None,
    )


def test_a_large_answer_to_a_search_comes_back_whole(running: Edge) -> None:
    """The script reads the body and not the answer, which may be the list of a whole archive."""
    reply = _ask(running, "POST /tools/find", {"Level": "Study", "Query": {}})

    assert (reply.status, len(reply.body)) == (200, len(LARGE))


def test_a_service_cannot_send_nginx_elsewhere(running: Edge) -> None:
    """`X-Accel-Redirect` of an answer leads to no location, an internal one least of all."""
    reply = _ask(running, "GET /system")

    assert (reply.status, reply.body) == (200, b"itself")
