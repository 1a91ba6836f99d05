"""Nginx with the guard in front of real Orthanc, the project's model as the filter between them."""

from __future__ import annotations

import http.client
import io
import json
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.authz.resources import STORED_LEVELS, Level, index, study_tree
from orthgen.catalogue import releases
from orthgen.products.orthanc import orthanc_settings
from tests.real.test_guard import PROFILE
from tests.support.builders import make_deployment
from tests.support.filtered import FilteredOrthanc, archive, link_token_to, user_token
from tests.support.real import dicom, parts, web
from tests.support.rendered_nginx import edge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orthgen.authz.model import Request
    from orthgen.authz.resources import Resource
    from tests.support.real.orthanc import Orthanc, RunningOrthanc
    from tests.support.real.web import Response
    from tests.support.rendered_nginx import Edge
    from tests.support.services_behind_nginx import Answer, Seen

LABELS = {"A": ["external"], "B": ["cardio"], "N": []}


class Stage:
    """A real archive with three studies behind nginx; `studies` are their resources by name."""

    def __init__(self, archive: RunningOrthanc) -> None:
        self.archive = archive
        self.studies = {name: _stored(archive, labels) for name, labels in LABELS.items()}
        self.edge: Edge | None = None

    def forward(self, orthanc: FilteredOrthanc, seen: Seen, request: Request) -> Answer:
        """Hand a granted request on to real Orthanc, as it stands; the plugin's own paths are not Orthanc's."""
        if seen.path.startswith("/auth/"):
            return archive(orthanc, seen, request)
        dropped = {"connection", "content-length", "transfer-encoding", "host"}
        headers = {name: value for name, value in seen.headers.items() if name not in dropped}
        # The fixture's address, not nginx's.
        connection = http.client.HTTPConnection(self.archive.url.removeprefix("http://"), timeout=20)
        connection.request(seen.method, seen.path, body=seen.body or None, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, {"Content-Type": answer.getheader("Content-Type") or "text/plain"}, content

    def ask(self, line: str, token: str, body: object = None) -> Response:
        """Ask through nginx; `{A}`, `{A.uid}`, `{A.patient}` stand for what they are in real Orthanc."""
        assert self.edge is not None
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        method, path = self.filled(line).split(" ", 1)
        return web.request(
            method,
            f"http://127.0.0.1:{self.edge.http}",
            target=path,
            headers={"Host": "localhost", **({"token": token} if token else {})},
            body=self.filled(text).encode() if text is not None else None,
        )

    def filled(self, text: str) -> str:
        for name, (patient, study, series, _) in self.studies.items():
            words = {name: study.orthanc_id, f"{name}.uid": study.uid, f"{name}.patient": patient.orthanc_id}
            for word, value in {**words, f"{name}.series": series.orthanc_id}.items():
                text = text.replace(f"{{{word}}}", value)
        return text

    def contents(self) -> Any:
        """Everything that a request could have changed: studies, their instances and labels."""
        found = self.archive.post("/tools/find", {"Level": "Study", "Query": {}, "Expand": True})
        return sorted((one["ID"], tuple(one["Series"]), tuple(one["Labels"])) for one in found)


def _stored(archive: RunningOrthanc, labels: list[str]) -> tuple[Resource, ...]:
    made = dicom.study(size=2, PatientID=f"PAT-{'-'.join(labels) or 'NONE'}")
    answers = [reply.json() for reply in dicom.upload(archive.url, made)]
    for label in labels:
        assert archive.request("PUT", f"/studies/{answers[0]['ParentStudy']}/labels/{label}").status == 200
    keys = ("ParentPatient", "ParentStudy", "ParentSeries", "ID")
    ids = {level: answers[0][key] for level, key in zip(STORED_LEVELS, keys, strict=True)}
    uids = {Level.STUDY: made[0].StudyInstanceUID, Level.SERIES: made[0].SeriesInstanceUID}
    return study_tree(ids, uids, {Level.STUDY: labels})


@pytest.fixture(params=parts.suites())
def stage(orthanc: Orthanc, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Each Orthanc that is installed, with the rendered settings, and the newest nginx in front."""
    orthanc.suite = request.param
    # trixie's Orthanc is the older one, and reads what the oldest release is given.
    release = releases()[0] if request.param == parts.suites()[0] else releases()[-1]
    origin = {"institution": "{name: T, url: 'http://localhost:8080'}"}
    deployment = make_deployment(**{**PROFILE, **origin}, release=f"'{release}'")
    settings = {key: value for key, value in orthanc_settings(deployment).items() if key != "PostgreSQL"}
    # Debian has no authorization plugin; the model decides before Orthanc is asked.
    stage = Stage(orthanc.start(settings, settings={"LuaScripts": []}))
    resources = index(one for tree in stage.studies.values() for one in tree)
    answers = {"orthanc": FilteredOrthanc(deployment, stage.forward, resources)}
    with edge(deployment, tmp_path / "edge", answers=answers) as running:
        stage.edge = running
        yield stage


def test_links_change_nothing_and_own_studies_stay_usable(stage: Stage) -> None:
    """What a link may read it reads from real Orthanc, what it may not do is not done; an editor's own work is."""
    link = link_token_to(stage.studies["A"][1], own_id="download")
    before = stage.contents()
    reads = ["GET /studies/{A}", "GET /studies/{A}/archive", "GET /dicom-web/studies/{A.uid}/metadata"]
    writes = [
        ("DELETE /studies/{A}", None),
        ("DELETE /series/{A.series}", None),
        ("PUT /studies/{A}/labels/cardio", ""),
        ("POST /studies/{A}/modify", {"Replace": {"PatientName": "X"}, "Synchronous": True}),
        ("GET /studies/{A}?_method=DELETE", None),
        ("GET /studies/{A}?x=1%26_method%3DDELETE", None),
        ("GET /studies/{A}/labels/x?%5fmethod=PUT", None),
    ]

    assert [stage.ask(line, link).status for line in reads] == [200, 200, 200]
    assert [stage.ask(line, link, body).status for line, body in writes] == [403] * len(writes)
    assert stage.contents() == before
    assert stage.ask("PUT /studies/{A}/labels/seen", user_token("editor"), "").status == 200
    assert stage.ask("DELETE /studies/{A}", user_token("editor")).status == 200
    assert len(stage.contents()) == len(before) - 1


def test_an_archive_of_many_holds_what_a_link_opens(stage: Stage) -> None:
    """Real Orthanc takes patients, and reads `resources` in small letters alone; the plugin's filter lets both through."""
    link = link_token_to(stage.studies["A"][1], own_id="download")
    ways = ["resources={A},{B.patient}", "resources={B}&Resources={A}"]

    held = [_patients(stage.archive.request("GET", _archive_of(stage, way)).body) for way in ways]
    assert held == [["PATcardio", "PATexternal"], ["PATcardio"]]
    assert [stage.ask(f"GET {_archive_of(stage, way)}", link).status for way in ways] == [403, 400]
    own = _archive_of(stage, "resources={A}")
    assert _patients(stage.ask(f"GET {own}", link).body) == ["PATexternal"]
    assert _patients(stage.ask(f"GET {own}&token={link}", "").body) == ["PATexternal"]


def _archive_of(stage: Stage, arguments: str) -> str:
    return stage.filled(f"/tools/create-archive?{arguments}")


def _patients(archive: bytes) -> list[str]:
    """Whose objects a ZIP archive has: its folders begin with the PatientID, from which trixie's Orthanc leaves hyphens out."""
    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    return sorted({name.split()[0].replace("-", "") for name in names})


def test_an_override_would_have_worked_without_the_guard(stage: Stage) -> None:
    """
    Real Orthanc does make another method of a GET.

    The newest decodes the arguments as a whole, so an encoded `&` separates too; trixie's is built with a web server
    that decodes none.
    """
    spellings = ["?_method=PUT"]
    if stage.archive.get("/system")["Version"] >= "1.13":
        spellings += ["?%5Fmethod=PUT", "?x=1%26_method%3DPUT"]
    for number, spelling in enumerate(spellings):
        path = stage.filled(f"/studies/{{N}}/labels/planted-{number}{spelling}")
        assert stage.archive.request("GET", path).status == 200

    planted = stage.archive.get(stage.filled("/studies/{N}/labels"))
    assert sorted(planted) == [f"planted-{number}" for number in range(len(spellings))]


def test_what_others_have_stays_theirs(stage: Stage) -> None:
    """Somebody limited to one label gets nothing of another study, by any of the ways that were open."""
    editor, before = user_token("editor"), stage.contents()
    refused = [
        ("GET /patients/{B.patient}", None),
        ("GET /patients/{B.patient}/archive", None),
        ("DELETE /patients/{N.patient}", None),
        ("PUT /patients/{B.patient}/labels/external", ""),
        ("GET /changes", None),
        ("POST /studies/{A}/merge", {"Resources": ["{B}"]}),
        ("POST /tools/bulk-delete", {"Resources": ["{B}"]}),
    ]

    assert [stage.ask(line, editor, body).status for line, body in refused] == [403] * len(refused)
    assert stage.ask("POST /tools/lookup", editor, "{B.uid}").json() == []
    assert [hit["ID"] for hit in stage.ask("POST /tools/lookup", editor, "{A.uid}").json()] == [
        stage.studies["A"][1].orthanc_id
    ]
    assert stage.contents() == before


def test_a_job_of_others_tells_how_far_it_is_and_nothing_more(stage: Stage) -> None:
    """A modification is watched to its end; of whose study it is tells the job only to who sees the study."""
    admin, editor = user_token("admin"), user_token("editor")
    jobs = {
        name: stage.ask(
            f"POST /studies/{{{name}}}/modify",
            admin,
            {"Replace": {"StudyDescription": "x"}, "Asynchronous": True},
        ).json()["ID"]
        for name in ("A", "B")
    }
    told = {name: _finished(stage, job, editor) for name, job in jobs.items()}

    assert {job["State"] for job in told.values()} == {"Success"}
    assert told["A"]["Content"]["ParentResources"] == [stage.studies["A"][1].orthanc_id]
    assert sorted(told["B"]["Content"]) == [
        "FailedInstancesCount",
        "InstancesCount",
        "IsAnonymization",
        "Type",
    ]
    whole = stage.ask(f"GET /jobs/{jobs['B']}", admin).json()["Content"]
    assert whole["ParentResources"] == [stage.studies["B"][1].orthanc_id]


def _finished(stage: Stage, job: str, token: str) -> Any:
    for _ in range(100):
        told = stage.ask(f"GET /jobs/{job}", token).json()
        if told["State"] in {"Success", "Failure"}:
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def test_whoever_sees_everything_may_still_do_everything(stage: Stage) -> None:
    """An administrator reads patients, changes and totals, looks up, deletes a patient, and deletes many at once."""
    admin = user_token("admin")

    assert (
        stage.ask("GET /patients/{B.patient}/studies", admin).json()[0]["ID"]
        == stage.studies["B"][1].orthanc_id
    )
    assert stage.ask("GET /changes?limit=3", admin).json()["Changes"]
    assert stage.ask("GET /statistics", admin).json()["CountStudies"] == 3
    assert stage.ask("POST /tools/lookup", admin, "{B.uid}").json()[0]["Type"] == "Study"
    assert stage.ask("DELETE /patients/{N.patient}", admin).status == 200
    assert stage.ask("POST /tools/bulk-delete", admin, {"Resources": ["{A}", "{B}"]}).status == 200
    assert stage.contents() == []


def test_studies_upload_through_the_edge(stage: Stage) -> None:
    """STOW and Orthanc Explorer's upload reach real Orthanc; the answer's addresses are the public origin's."""
    assert stage.edge is not None
    made = dicom.study(size=1)
    headers = {"Host": "localhost", "Authorization": f"Bearer {user_token('editor')}"}
    answer = dicom.stow(f"http://127.0.0.1:{stage.edge.http}/dicom-web/studies", made, headers=headers)
    other = dicom.upload(f"http://127.0.0.1:{stage.edge.http}", dicom.study(size=1), headers=headers)

    assert (answer.status, [reply.status for reply in other]) == (200, [200])
    assert f"http://localhost:8080/dicom-web/studies/{made[0].StudyInstanceUID}" in answer.text


def test_a_long_token_reaches_real_orthanc(stage: Stage) -> None:
    """Orthanc's web server takes requests of 16 kB: a token of 12 kB in a header, or in an address, passes."""
    token = user_token("admin", "x" * 8_910)

    assert len(token) > 12_000
    assert stage.ask("GET /studies/{A}", token).status == 200
    assert stage.ask(f"GET /studies/{{A}}?token={token}", "").status == 200
