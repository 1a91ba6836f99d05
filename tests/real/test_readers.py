"""Readers on real Orthancs, one PostgreSQL and the rendered nginx: the split, what is lost, and what goes on."""

from __future__ import annotations

import http.client
import json
import re
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest

from orthgen.products.nginx.nodes import Nodes
from tests.products.nginx.test_nodes import documented
from tests.support.real import dicom, web
from tests.support.real.readers import INGEST, ORIGIN, Archive, archive_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.real.network import Network

READERS = ("orthanc-reader-1", "orthanc-reader-2")
READS, STUDIES, AT_ONCE = 1000, 100, 24


@pytest.fixture(scope="module")
def archive(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """PostgreSQL, the ingest node, two readers and nginx, each with what is rendered for it."""
    with archive_with(network, tmp_path_factory.mktemp("readers"), len(READERS)) as running:
        yield running


@pytest.fixture(scope="module")
def known(archive: Archive) -> dict[str, str]:
    """The identifiers of one stored study, by the words of the documentation."""
    made = dicom.study(3, PatientID="KNOWN")
    (answer, *_) = [archive.ask("POST", "/instances", body=dicom.encode(one)).json() for one in made]
    return {
        "study": answer["ParentStudy"],
        "series": answer["ParentSeries"],
        "instance": answer["ID"],
        "study-uid": made[0].StudyInstanceUID,
        "series-uid": made[0].SeriesInstanceUID,
        "instance-uid": made[0].SOPInstanceUID,
    }


# Requests that Orthanc, or the guard before it, wants a body of.
BODIES: dict[str, object] = {
    "POST /tools/find": {"Level": "Study", "Query": {"PatientID": "KNOWN"}},
    "POST /tools/count-resources": {"Level": "Study", "Query": {}},
    "POST /tools/lookup": "{study-uid}",
    "PUT /auth/tokens/viewer-instant-link": {
        "Type": "viewer-instant-link",
        "ValidityDuration": 600,
        "Resources": [{"Level": "study", "OrthancId": "{study}", "DicomUid": "{study-uid}"}],
    },
    "POST /auth/tokens/decode": {"token-value": "a"},
    "POST /studies/ID/modify": {"Replace": {"StudyDescription": "x"}},
    "POST /studies/ID/merge": {"Resources": ["{study}"]},
    "POST /modalities/ct1/store": {"Resources": ["{study}"]},
    "POST /dicom-web/servers/other/qido": {"Uri": "/studies", "Arguments": {}},
}

ARGUMENTS = {"GET /tools/create-archive": "?resources=ID"}
"""What the guard wants in the address."""

# The guard asks Orthanc and answers itself, so that nginx's log names nobody.
ASKED = {"POST /tools/lookup", "GET /statistics"}


def test_each_request_reaches_the_orthanc_that_the_page_names(
    archive: Archive, known: dict[str, str]
) -> None:
    """Every request of docs/replicas.md, through the rendered nginx with the guard; who answered is in nginx's log."""
    expected = {request: nodes for request, nodes in documented().items() if request not in ASKED}
    archive.nodes()
    for request in expected:
        method, path = request.split(" ")
        if request.startswith("DELETE"):
            path = path.replace("ID", "0" * 8)
        path += ARGUMENTS.get(request, "")
        archive.ask(method, _filled(path, known), body=_body(BODIES.get(request), known))

    answered = archive.nodes(len(expected))
    assert len(answered) == len(expected)
    wrong = [
        (request, node)
        for (_, node), (request, nodes) in zip(answered, expected.items(), strict=True)
        if node not in (READERS if nodes is Nodes.READERS else (INGEST,))
    ]
    assert wrong == []


def _filled(path: str, known: dict[str, str]) -> str:
    kinds = {"studies": "study", "series": "series", "instances": "instance", "tools": "study"}
    kind = kinds.get(path.split("/")[1], "")
    path = path.replace("ID", known[kind]) if kind else path
    return path.replace("/1.2/", f"/{known['study-uid']}/").replace("/1.3/", f"/{known['series-uid']}/")


def _body(wanted: object, known: dict[str, str]) -> str | None:
    if wanted is None:
        return None
    text = wanted if isinstance(wanted, str) else json.dumps(wanted)
    return re.sub(r"\{([a-z-]+)\}", lambda word: known[word[1]], text)


def test_a_reader_changes_nothing(archive: Archive, known: dict[str, str]) -> None:
    """Past nginx: uploads, deletions, labels and metadata are refused, and the storage is read-only."""
    study = f"/studies/{known['study']}"
    parts = [
        f"{study}/{name}" for name in ("labels", "metadata?expand", "attachments", "instances?expand=false")
    ]
    before = [archive.running[INGEST].get(path) for path in parts]
    for name in READERS:
        reader = archive.running[name]
        for method, path in (
            ("POST", "/instances"),
            ("POST", "/dicom-web/studies"),
            ("DELETE", study),
            ("PUT", f"{study}/labels/cardio"),
            ("PUT", f"{study}/metadata/1024"),
            ("PUT", f"{study}/attachments/1024"),
            ("POST", "/tools/reconstruct"),
        ):
            assert reader.request(method, path, body=b"x").status in {400, 404, 405, 500}, path
        assert reader.get("/system")["ReadOnly"] is True

    assert [archive.running[INGEST].get(path) for path in parts] == before


def test_a_report_is_there_at_the_next_request(archive: Archive) -> None:
    """What DICOMweb stores at the ingest node, both readers find, describe and send at once."""
    archive.nodes()
    for _ in range(12):
        (made,) = dicom.study(1)
        assert archive.store([made]).status == 200
        series = f"/dicom-web/studies/{made.StudyInstanceUID}/series/{made.SeriesInstanceUID}"
        listed = archive.ask("GET", f"/dicom-web/studies?StudyInstanceUID={made.StudyInstanceUID}")
        described = archive.ask("GET", f"{series}/metadata")
        sent = archive.ask("GET", f"{series}/instances/{made.SOPInstanceUID}")
        assert [answer.status for answer in (listed, described, sent)] == [200, 200, 200]
        assert len(listed.json()) == 1
        assert described.json()[0]["00080018"]["Value"] == [made.SOPInstanceUID]
        assert made.PixelData in sent.body

    by_method: dict[str, set[str]] = {}
    for request, node in archive.nodes():
        by_method.setdefault(request.split(" ")[0], set()).add(node)
    assert by_method == {"POST": {INGEST}, "GET": set(READERS)}


def test_no_reader_shows_what_was_deleted_or_replaced(archive: Archive) -> None:
    """
    Not even what it has in its memory: pixels, tags and files, by Orthanc's own addresses and by DICOMweb.

    A reader with Orthanc 1.12 would show the frame of a deleted image, and the old pixels of one that was replaced.
    """
    made, ingest = dicom.study(1, PatientName="Old^Name")[0], archive.running[INGEST]
    series = f"/dicom-web/studies/{made.StudyInstanceUID}/series/{made.SeriesInstanceUID}"
    instance = archive.ask("POST", "/instances", body=dicom.encode(made)).json()
    paths = [
        f"/instances/{instance['ID']}/{part}"
        for part in ("tags", "content/0010-0010", "frames/0/raw", "file")
    ]
    paths += [f"{series}/{part}" for part in ("metadata", f"instances/{made.SOPInstanceUID}/frames/1")]

    def seen() -> list[list[bytes | None]]:
        answers = [[archive.running[name].request("GET", path) for path in paths] for name in READERS]
        return [[_content(each) if each.status == 200 else None for each in row] for row in answers]

    _, old = seen(), seen()
    assert ingest.request("DELETE", f"/studies/{instance['ParentStudy']}").status == 200
    gone = seen()
    made.PatientName, made.PixelData = "New^Name", bytes(255 - byte for byte in made.PixelData)
    assert archive.ask("POST", "/instances", body=dicom.encode(made)).json()["ID"] == instance["ID"]
    new = seen()

    assert [None in row for row in old] == [False] * len(READERS)
    assert gone == [[None] * len(paths)] * len(READERS)
    stale = [
        path
        for before, after in zip(old, new, strict=True)
        for path, *answers in zip(paths, before, after, strict=True)
        if answers[1] is None or answers[0] == answers[1]
    ]
    assert stale == []


def reads(archive: Archive, known: dict[str, str]) -> list[Callable[[], bool]]:
    """Reads with what each has to answer: whether it was that."""
    series = f"/dicom-web/studies/{known['study-uid']}/series/{known['series-uid']}"
    paths = (
        f"{series}/metadata",
        f"{series}/instances/{known['instance-uid']}/frames/1",
        f"/instances/{known['instance']}/file",
        f"/instances/{known['instance']}/simplified-tags",
        f"/series/{known['series']}/instances?expand=false",
    )

    def read(path: str, expected: bytes) -> bool:
        for _ in range(2):
            try:
                answer = archive.ask("GET", path)
            except (http.client.HTTPException, OSError):
                # The reader was killed in the middle of this answer. Nothing wrong was answered.
                continue
            return answer.status == 200 and _content(answer) == expected
        return False

    return [partial(read, path, _content(archive.ask("GET", path))) for path in paths]


def _content(answer: web.Response) -> bytes:
    """The body without what differs between equal answers: the boundary, and the order of a list."""
    kind = answer.headers.get("content-type", "")
    if "json" in kind and isinstance(answer.json(), list):
        return b"".join(sorted(json.dumps(item, sort_keys=True).encode() for item in answer.json()))
    boundary = re.search(r'boundary="?([^";]+)', kind)
    return answer.body.replace(boundary[1].encode(), b"") if boundary else answer.body


def test_a_thousand_reads_while_a_hundred_studies_arrive_and_a_reader_dies(
    archive: Archive, known: dict[str, str]
) -> None:
    """Every read is answered rightly, every confirmed study is there, and the rest of the readers go on."""
    wanted = reads(archive, known)
    arriving = [dicom.study(1) for _ in range(STUDIES)]
    with ThreadPoolExecutor(AT_ONCE) as readers, ThreadPoolExecutor(4) as senders:
        answers: list[Future[bool]] = [
            readers.submit(wanted[number % len(wanted)]) for number in range(READS)
        ]
        uploads = [senders.submit(archive.store, made) for made in arriving]
        answers[READS // 4].result()
        with archive.without(READERS[0]):
            statuses = [upload.result().status for upload in uploads]
            right = [answer.result() for answer in answers]

    assert right.count(True) == READS
    assert statuses == [200] * STUDIES
    assert {made.StudyInstanceUID for (made,) in arriving} <= archive.studies()


def test_reading_goes_on_without_the_ingest_node(archive: Archive, known: dict[str, str]) -> None:
    """Searches, descriptions and images are answered; writes and jobs get 503 and a hint; nothing is lost at its return."""
    before, wanted = archive.studies(), reads(archive, known)
    with archive.without(INGEST):
        assert all(read() for read in wanted)
        query = {"Level": "Study", "Query": {"StudyInstanceUID": known["study-uid"]}}
        found = archive.ask("POST", "/tools/find", json_body=query)
        assert found.json() == [known["study"]]
        assert archive.ask("GET", f"/studies/{known['study']}").json()["ID"] == known["study"]
        assert archive.ask("GET", "/system").status == 200
        (made,) = dicom.study(1)
        refused = [
            archive.store([made]),
            *dicom.upload(ORIGIN, [made]),
            archive.ask("DELETE", f"/studies/{known['study']}"),
            archive.ask("PUT", f"/studies/{known['study']}/labels/cardio"),
            archive.ask("GET", "/jobs"),
            archive.ask("GET", "/jobs/00000000-0000-0000-0000-000000000000"),
        ]
        for answer in refused:
            assert (answer.status, answer.headers["retry-after"]) == (503, "10")
            assert answer.text.startswith("The archive cannot do this at the moment")

    assert archive.store([made]).status == 200
    assert archive.studies() == {*before, made.StudyInstanceUID}


def test_only_what_nobody_has_received_is_worth_a_repetition(archive: Archive) -> None:
    """503 and a hint where nobody takes the connection, as of a host that is gone; 504 where a silent Orthanc has the request."""
    archive.serve_with(len(READERS), read_timeout="1s")
    # One connection waits in the line of the kernel, which drops every further one.
    with (
        archive.without(INGEST),
        socket.create_server((archive.network.service(INGEST), 8042), backlog=0),
    ):
        answers = [archive.ask("DELETE", "/studies/0") for _ in range(2)]
    archive.serve_with(len(READERS))

    assert [(answer.status, answer.headers.get("retry-after")) for answer in answers] == [
        (504, None),
        (503, "10"),
    ]


def test_what_was_confirmed_outlives_the_database(archive: Archive, known: dict[str, str]) -> None:
    """PostgreSQL restarts under load: an answer is right or an error, confirmed studies are there, and all of it goes on."""
    wanted = reads(archive, known)
    arriving = [dicom.study(1) for _ in range(20)]
    with ThreadPoolExecutor(8) as readers, ThreadPoolExecutor(2) as senders:
        answers = [
            readers.submit(archive.ask, "GET", f"/instances/{known['instance']}/file") for _ in range(100)
        ]
        uploads = [senders.submit(archive.store, made) for made in arriving]
        uploads[5].result()
        archive.postgres.stop()
        archive.postgres.start()
        confirmed = [
            made.StudyInstanceUID
            for (made,), upload in zip(arriving, uploads, strict=True)
            if upload.result().status == 200
        ]
        bodies = {answer.result().body for answer in answers if answer.result().status == 200}

    assert len(bodies) == 1
    # Each connection fails once before it is opened again. A person or a device repeats what was refused.
    (made,) = dicom.study(1)
    ingest = archive.running[INGEST]
    ingest.wait_until(
        lambda: all(read() for read in wanted), seconds=180, what="readers to find the database again"
    )
    ingest.wait_until(
        lambda: archive.store([made]).status == 200, seconds=180, what="uploads to be stored again"
    )
    assert {*confirmed, made.StudyInstanceUID} <= archive.studies()
