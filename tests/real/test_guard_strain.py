"""The guard under strain: many at once, a thousand studies, slow and large bodies, an Orthanc that is gone."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.authz.resources import Level, index, study_tree
from tests.authz.builders import RESOURCES
from tests.real.test_guard import EVERY_NGINX, PROFILE
from tests.support.builders import make_deployment
from tests.support.filtered import FilteredOrthanc, archive, link_token, user_token
from tests.support.real import web
from tests.support.rendered_nginx import Edge, Nginx, edge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.real.web import Response

LINKS = "/auth/tokens/viewer-instant-link"


def _many(number: int) -> list[dict[str, str]]:
    """So many studies that a reader may see, as a link lists them."""
    return [
        {"OrthancId": tree[1].orthanc_id, "DicomUid": tree[1].uid, "Level": "study"}
        for tree in _TREES[:number]
    ]


def _tree(number: int) -> Any:
    ids = {
        level: f"{place}{number:07x}-00000000-00000000-00000000-00000000"
        for place, level in enumerate(_STORED)
    }
    return study_tree(ids, {level: f"1.2.{place}.{number}" for place, level in enumerate(_STORED)}, _LABELS)


_STORED = (Level.PATIENT, Level.STUDY, Level.SERIES, Level.INSTANCE)
_LABELS = {Level.STUDY: {"external"}}
_TREES = [_tree(number) for number in range(1001)]


@pytest.fixture(scope="module", params=EVERY_NGINX)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """The guard in front of the recorded studies and a thousand more."""
    nginx: Nginx = request.param
    deployment = make_deployment(**PROFILE)
    resources = index(one for tree in (*RESOURCES.studies.values(), *_TREES) for one in tree)
    orthanc = FilteredOrthanc(deployment, archive, resources)
    with edge(
        deployment, tmp_path_factory.mktemp("load"), nginx=nginx, answers={"orthanc": orthanc}
    ) as started:
        yield started


def _ask(running: Edge, method: str, path: str, token: str, body: object = None) -> Response:
    return web.request(
        method,
        f"http://127.0.0.1:{running.http}",
        target=path,
        headers={"Host": "localhost", "token": token},
        body=json.dumps(body).encode() if body is not None else None,
    )


def test_callers_at_the_same_time_get_each_their_own_answer(running: Edge) -> None:
    """Hundreds of links asked for at once, for own and for others' studies by different people: none is mixed up."""
    own, others = (RESOURCES.studies[name][1] for name in ("A", "B"))
    wishes = [(user_token("reader"), own, 200), (user_token("reader"), others, 403)]
    wishes += [(user_token("admin"), others, 200), (link_token("A"), own, 403)]

    def make(number: int) -> tuple[int, int]:
        token, study, expected = wishes[number % len(wishes)]
        resource = {"OrthancId": study.orthanc_id, "DicomUid": study.uid, "Level": "study"}
        reply = _ask(running, "PUT", LINKS, token, {"Resources": [resource], "ValidityDuration": 60})
        if reply.status == 200:
            assert reply.json()["Asked"]["Resources"] == [resource]
        return reply.status, expected

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(make, range(400)))

    assert [got for got, _ in answers] == [expected for _, expected in answers]


def test_a_thousand_studies_in_one_link_are_each_asked_for(running: Edge) -> None:
    """A link of a thousand studies is made where all are the maker's, and refused where one of them is not."""
    token, other = user_token("reader"), RESOURCES.studies["B"][1]
    hidden = {"OrthancId": other.orthanc_id, "DicomUid": other.uid, "Level": "study"}
    running.forget()

    made = _ask(running, "PUT", LINKS, token, {"Resources": _many(1000), "ValidityDuration": 60})
    asked = sum(seen.method == "GET" and "/studies/" in seen.path for _, seen in running.reached())
    refused = _ask(running, "PUT", LINKS, token, {"Resources": [*_many(999), hidden], "ValidityDuration": 60})
    too_many = _ask(running, "PUT", LINKS, token, {"Resources": _many(1001), "ValidityDuration": 60})

    assert (made.status, len(made.json()["Asked"]["Resources"]), asked) == (200, 1000, 1000)
    assert (refused.status, too_many.status) == (403, 400)


def test_a_body_that_is_too_large_is_refused_before_orthanc_is_asked(running: Edge) -> None:
    """Links and lookups have bodies of a size that fits what they are for."""
    running.forget()

    link = _ask(running, "PUT", LINKS, user_token("reader"), {"x": "y" * 600_000})
    lookup = _ask(running, "POST", "/tools/lookup", user_token("reader"), "9" * 70_000)

    assert (link.status, lookup.status) == (413, 413)
    assert running.reached() == []


def test_chunked_bodies_are_read_like_others(running: Edge) -> None:
    """A body without a length is checked as a whole."""
    own, others = (RESOURCES.studies[name][1] for name in ("A", "B"))
    statuses = []
    for study in (own, others):
        resource = {"OrthancId": study.orthanc_id, "Level": "study"}
        text = json.dumps({"Resources": [resource], "ValidityDuration": 60}).encode()
        reply = web.request(
            "PUT",
            f"http://127.0.0.1:{running.http}",
            target=LINKS,
            headers={"Host": "localhost", "token": user_token("reader"), "Transfer-Encoding": "chunked"},
            body=b"".join(b"%x\r\n%b\r\n" % (1, text[at : at + 1]) for at in range(len(text))) + b"0\r\n\r\n",
        )
        statuses.append(reply.status)

    assert statuses == [200, 403]


def test_slow_bodies_hold_nobody_up(running: Edge) -> None:
    """A hundred bodies that never end keep neither Orthanc nor other callers waiting."""
    running.forget()
    head = f"PUT {LINKS} HTTP/1.1\r\nHost: localhost\r\ntoken: {user_token('reader')}\r\nContent-Length: 1000\r\n\r\n"
    slow = [socket.create_connection(("127.0.0.1", running.http)) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(head.encode() + b'{"Resources"')
        began = time.monotonic()
        assert _ask(running, "GET", "/system", user_token("reader")).status == 200
        assert time.monotonic() - began < 2
        assert [seen.method for _, seen in running.reached()] == ["GET"]
    finally:
        for connection in slow:
            connection.close()


def test_an_upload_is_handed_on_while_it_arrives(running: Edge) -> None:
    """The guard looks at an upload's tokens and not at its body, which streams."""
    begun = running.services["orthanc"].begun
    begun.clear()
    head = f"POST /instances HTTP/1.1\r\nHost: localhost\r\ntoken: {user_token('editor')}\r\nContent-Length: 200000\r\n\r\n"

    with socket.create_connection(("127.0.0.1", running.http)) as client:
        client.sendall(head.encode() + b"x" * 100_000)
        assert begun.wait(5)
        client.sendall(b"x" * 100_000)
        assert client.recv(15) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(("token: {user}", "token: {link}"), b"403", id="a user's first"),
        pytest.param(("token: {link}", "token: {user}"), b"403", id="a link first"),
        pytest.param(
            ("Authorization: Bearer {user}", "Authorization: Bearer {link}"), b"400", id="two credentials"
        ),
        pytest.param(("token:   {link}  ",), b"403", id="blanks around"),
        pytest.param(("token : {link}",), b"400", id="a blank before the colon"),
        pytest.param(("X: y\r\n token: {link}", "token: {user}"), b"400", id="a folded header"),
        pytest.param(("token: {user}",), b"200", id="a user's alone"),
    ],
)
def test_headers_in_odd_shapes(running: Edge, lines: tuple[str, ...], expected: bytes) -> None:
    """A header that is there twice, or is written as nobody writes it, lets no link through to a DELETE."""
    study = RESOURCES.studies["A"][1].orthanc_id
    words = {"user": user_token("editor"), "link": link_token("A")}
    text = "\r\n".join(
        [f"DELETE /studies/{study} HTTP/1.1", "Host: localhost", *(line.format(**words) for line in lines)]
    )

    with socket.create_connection(("127.0.0.1", running.http)) as client:
        client.sendall(text.encode() + b"\r\nConnection: close\r\n\r\n")
        assert client.recv(12).split()[1] == expected


def test_a_guard_without_orthanc_is_closed(tmp_path: Path) -> None:
    """Where Orthanc does not answer, nothing is granted and the script says so."""
    deployment = make_deployment(**PROFILE)
    resource = {"OrthancId": RESOURCES.studies["A"][1].orthanc_id, "Level": "study"}
    with edge(deployment, tmp_path) as started:
        started.services["orthanc"].stop()
        token = user_token("admin")
        link = _ask(started, "PUT", LINKS, token, {"Resources": [resource], "ValidityDuration": 60})
        patient = _ask(started, "DELETE", "/patients/x", token)
        store = _ask(started, "POST", "/modalities/x/store", token, {"Resources": [resource["OrthancId"]]})
        statistics = _ask(started, "GET", "/statistics", token)

    assert link.status == 403
    assert {patient.status, store.status, statistics.status} <= {403, 500, 502}


def test_a_refusal_is_logged_with_its_reason_and_without_the_token(running: Edge) -> None:
    """The access log says why the script refused, for anybody who looks for the fault."""
    token = user_token("reader")
    _ask(running, "PUT", LINKS, token, {"Resources": _many(1)})
    time.sleep(0.2)

    lines = [json.loads(line) for line in running.log.splitlines() if line.startswith("{")]
    assert "ValidityDuration has to be a number of seconds" in [line["refused"] for line in lines]
    assert token not in running.log


def test_the_workers_do_not_grow_with_what_they_check(running: Edge) -> None:
    """Twenty links of a thousand studies each leave the workers as large as the first did."""

    def size() -> int:
        texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in running.workers]
        return sum(
            int(line.split()[1])
            for text in texts
            for line in text.splitlines()
            if line.startswith("Anonymous:")
        )

    body, token = {"Resources": _many(1000), "ValidityDuration": 60}, user_token("reader")
    threads = [threading.Thread(target=_ask, args=(running, "PUT", LINKS, token, body)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = size()
    for _ in range(4):
        assert _ask(running, "PUT", LINKS, token, body).status == 200

    assert size() - first < 40_000
