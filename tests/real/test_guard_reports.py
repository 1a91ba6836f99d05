"""Real nginx with the guard that tells reports from other objects, in front of the model of plugin and auth-service."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.authz.builders import RESOURCES
from tests.support.builders import make_deployment
from tests.support.dicom_objects import (
    BOUNDARY,
    COMPREHENSIVE_SR,
    CONTENT_TYPE,
    CT_IMAGE,
    SEGMENTATION,
    dicom,
    multipart,
)
from tests.support.filtered import FilteredOrthanc, archive, link_token, user_token
from tests.support.real import web
from tests.support.rendered_nginx import Edge, edge, every_nginx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.real.web import Response

PROFILE: dict[str, Any] = {
    "institution": "{name: T, url: 'http://localhost'}",
    "deployment": "{}",
    "collections": "{external: {}, cardio: {}}",
    "viewers": "{ohif: {reports: signed-in}}",
    "roles": """
reader: {can: [view], collections: [external]}
reporter: {can: [view, report], collections: [external]}
both: {can: [view, report, upload], collections: [external]}
auditor: {can: [view, report], collections: all}
uploader: {can: [upload], collections: []}
""",
}
PATIENT, STUDY, _, INSTANCE = RESOURCES.studies["A"]
OTHER_PATIENT, OTHER = RESOURCES.studies["B"][:2]
STOW = "/dicom-web/studies"


class Stage:
    """A running edge and the Orthanc behind it."""

    def __init__(self, running: Edge, orthanc: FilteredOrthanc) -> None:
        self.edge, self.orthanc = running, orthanc

    def store(
        self, body: bytes, token: str | dict[str, str], path: str = STOW, kind: str = CONTENT_TYPE
    ) -> Response:
        """Send a body as somebody."""
        self.edge.forget()
        self.orthanc.changes.clear()
        tokens = {"Authorization": f"Bearer {token}"} if isinstance(token, str) else token
        headers = {"Host": "localhost", "Content-Type": kind, **tokens}
        return web.request(
            "POST", f"http://127.0.0.1:{self.edge.http}", target=path, headers=headers, body=body
        )

    @property
    def stored(self) -> bytes:
        """The body that reached Orthanc last."""
        return self.edge.services["orthanc"].seen[-1].body


def _stage(nginx: Any, folder: Any, **changes: str) -> Iterator[Stage]:
    deployment = make_deployment(**{**PROFILE, **changes})
    orthanc = FilteredOrthanc(deployment, archive)
    with edge(deployment, folder, nginx=nginx, answers={"orthanc": orthanc}) as running:
        yield Stage(running, orthanc)


@pytest.fixture(scope="module", params=[pytest.param(nginx, id=str(nginx)) for nginx in every_nginx()])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every nginx, in front of a deployment whose people save reports."""
    yield from _stage(request.param, tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module", params=[pytest.param(nginx, id=str(nginx)) for nginx in every_nginx()])
def saving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every nginx, in front of a deployment whose instant links save reports."""
    changes = {
        "viewers": "{ohif: {reports: instant-link}}",
        "roles": "reader: {can: [view], collections: [external]}",
    }
    yield from _stage(request.param, tmp_path_factory.mktemp("saving"), **changes)


def report(**changes: Any) -> bytes:
    """A report of the reporter's own study."""
    return dicom(STUDY.uid, PATIENT.uid, **changes)


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param([{}], id="explicit"),
        pytest.param([{"syntax": "1.2.840.10008.1.2"}], id="implicit"),
        pytest.param(
            [{"sop_class": SEGMENTATION, "BitsAllocated": 8, "PixelData": b"\0" * 70_000}],
            id="large-segmentation",
        ),
        pytest.param([{}, {"sop_class": "1.2.840.10008.5.1.4.1.1.481.3"}], id="two-objects"),
    ],
)
def test_a_report_goes_to_the_address_of_its_study(stage: Stage, objects: list[dict[str, Any]]) -> None:
    """Anybody who may report saves reports into a study that the role sees; the body arrives as it was sent."""
    body = multipart(*(report(**changes) for changes in objects))

    reply = stage.store(body, user_token("reporter"))

    assert (reply.status, stage.orthanc.changes) == (200, [f"POST {STOW}/{STUDY.uid}/"])
    assert stage.stored == body
    assert stage.store(body, user_token("reporter"), f"{STOW}/{STUDY.uid}").status == 200
    assert stage.store(body, user_token("auditor")).status == 200


def _refused() -> list[Any]:
    one = report()
    cut = one[: one.index(b"SH") - 10] if b"SH" in one else one[:400]
    return [
        pytest.param(multipart(report(sop_class=CT_IMAGE)), 403, f"SOP class {CT_IMAGE}", id="an-image"),
        pytest.param(multipart(one, report(sop_class=CT_IMAGE)), 403, "SOP class", id="an-image-behind-a-report"),
        pytest.param(multipart(dicom(OTHER.uid, OTHER_PATIENT.uid)), 403, "sender may see", id="a-study-of-others"),
        pytest.param(multipart(dicom("1.2.3.4", PATIENT.uid)), 403, "sender may see", id="a-new-study"),
        pytest.param(multipart(dicom(STUDY.uid, OTHER_PATIENT.uid)), 403, "same patient", id="another-patient"),
        pytest.param(multipart(one, dicom(OTHER.uid, OTHER_PATIENT.uid)), 409, "several studies", id="two-studies"),
        pytest.param(multipart(report(SOPInstanceUID=INSTANCE.uid)), 409, "there already", id="an-object-that-is-there"),
        pytest.param(multipart(one, headers="Content-Type: application/dicom\r\nContent-Length: 9"), 400, "no other header", id="a-length"),
        pytest.param(multipart(one, headers="Content-Type: text/plain"), 400, "no other header", id="no-dicom"),
        pytest.param(multipart(one + b"--" + BOUNDARY.encode() + b"x"), 400, "DICOM objects", id="a-second-reading"),
        pytest.param(b"preamble\r\n" + multipart(one), 400, "DICOM objects", id="a-preamble"),
        pytest.param(multipart(one) + multipart(one), 400, "DICOM objects", id="a-second-body"),
        pytest.param(multipart(), 400, "DICOM objects", id="no-object"),
        pytest.param(multipart(one[132:]), 415, "no DICOM file", id="no-preamble"),
        pytest.param(multipart(cut), 415, "cannot read a DICOM object", id="cut"),
        pytest.param(multipart(report(syntax="1.2.840.10008.1.2.1.99")), 415, "transfer syntax", id="deflated"),
        pytest.param(multipart(one.replace(b"PN", b"??", 1)), 415, "value representation", id="unknown-representation"),
        pytest.param(multipart(one.replace(b"\x08\x00\x60\x00CS", b"\x08\x00\x16\x00CS", 1)), 415, "disorder", id="twice"),
        pytest.param(multipart(one.replace(b"\x02\x00\x00\x00UL\x04\x00", b"\x02\x00\x00\x00UL\x04\x00\x01", 1)), 415, "", id="a-wrong-group-length"),
    ]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "said"), _refused())
def test_nothing_else_is_saved(stage: Stage, body: bytes, status: int, said: str) -> None:
    """Images, other studies and what has a second reading are refused in words, and reach Orthanc in no form."""
    reply = stage.store(body, user_token("reporter"))

    assert (reply.status, stage.orthanc.changes) == (status, [])
    assert said in reply.json()["Refused"]


def test_who_may_not_report_saves_nothing(stage: Stage) -> None:
    """The address that judged reports have is no way in for others, nor is a token that only claims a role."""
    body = multipart(report())
    real, forged = user_token("reader"), user_token("reporter")[:-1]

    for token in (real, forged):
        for path in (
            STOW,
            f"{STOW}/{STUDY.uid}",
            f"{STOW}/{STUDY.uid}/",
            f"{STOW}//{STUDY.uid}/",
            f"{STOW}/{STUDY.uid}%2f",
        ):
            assert stage.store(body, token, path).status in {403, 404}
            assert stage.orthanc.changes == []
    # Two tokens: the plugin would take the one that opens.
    both = {"Authorization": f"Bearer {forged}", "token": real}
    assert stage.store(body, both, f"{STOW}/{STUDY.uid}/").status == 403
    assert stage.store(body, {}).status == 403
    assert stage.store(body, link_token("A"), f"{STOW}/{STUDY.uid}/").status == 403


@pytest.fixture(scope="module", params=[pytest.param(nginx, id=str(nginx)) for nginx in every_nginx()])
def public(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every nginx, in front of a deployment that shows a collection to everybody."""
    changes = {
        "signed-out": "{can: [view], collections: [external]}",
        "viewers": "{ohif: {reports: instant-link}}",
    }
    yield from _stage(request.param, tmp_path_factory.mktemp("public"), **changes)


def test_where_everybody_views_a_claimed_role_saves_nothing(public: Stage) -> None:
    """The signature of a token is the auth-service's business: the guard has it say whose token it is."""
    body = multipart(report())

    for claimed in (user_token("reporter")[:-1], user_token("reporter", "reader")[:-2]):
        assert public.store(body, claimed).status == 403
        assert public.store(body, claimed, f"{STOW}/{STUDY.uid}").status == 403
        assert public.orthanc.changes == []
    assert public.store(body, user_token("reporter")).status == 200


def test_where_everybody_views_a_forged_link_saves_nothing(public: Stage) -> None:
    """The plugin lets a report through to everybody who views: the guard has the auth-service say what a link is."""
    body = multipart(report())

    assert public.store(body, link_token("A")[:-1]).status == 403
    assert public.store(body, link_token("A", header={"alg": "HS256", "x": 1})[:-1]).status == 403
    assert public.orthanc.changes == []
    assert public.store(body, link_token("A")).status == 200


def test_who_may_upload_is_not_judged(stage: Stage) -> None:
    """Uploads of anybody who may upload stream past the script, to the address that was asked for."""
    body = multipart(report(sop_class=CT_IMAGE))

    for role in ("both", "uploader"):
        assert stage.store(body, user_token(role)).status == 200
        assert stage.orthanc.changes == [f"POST {STOW}"]


def test_a_body_is_bounded(stage: Stage) -> None:
    """More than a segmentation has is refused before it is taken in; another type and a compressed one, too."""
    assert stage.store(b"\0" * (33 * 2**20), user_token("reporter")).status == 413
    assert stage.store(multipart(report()), user_token("reporter"), kind="application/dicom").status == 415
    packed = {"Authorization": f"Bearer {user_token('reporter')}", "Content-Encoding": "gzip"}
    assert stage.store(multipart(report()), packed).status == 415
    assert stage.store(b"", user_token("reporter")).status == 400


def test_a_link_saves_reports_into_its_own_study_where_the_profile_says_so(saving: Stage) -> None:
    """With `reports: instant-link` the link's study gets reports and nothing else, in the browser of the link alone."""
    assert saving.store(multipart(report()), link_token("A")).status == 200
    assert saving.orthanc.changes == [f"POST {STOW}/{STUDY.uid}/"]
    assert saving.store(multipart(report(sop_class=CT_IMAGE)), link_token("A")).status == 403
    assert saving.store(multipart(dicom(OTHER.uid, OTHER_PATIENT.uid)), link_token("A")).status == 409
    bound = link_token("A", own_id=f"browser:{hashlib.sha256(b'x').hexdigest()}")
    assert saving.store(multipart(report()), bound).status == 403
    assert COMPREHENSIVE_SR.endswith(".33")
