"""
The rendered app-config.js in OHIF's published builds, in a real browser, with the mouse.

Keycloak and Orthanc are stand-ins that decide as the real ones do (docs/reports.md); the builds are those of
tests/tools/ohif/versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthgen.products.ohif.app_config import ohif_files
from tests.support.builders import make_deployment
from tests.support.ohif.build import published
from tests.support.ohif.identity import claims, link
from tests.support.ohif.site import Site
from tests.support.ohif.study import STUDY
from tests.support.ohif.viewer import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

OLDEST, CURRENT, NEWEST = "3.11.1", "3.12.0", "3.13.2"
RELEASES = {OLDEST: "25.8", CURRENT: "26.8", NEWEST: "26.8"}
INSTANT = link("viewer-instant-link", STUDY)
SHARE = link("ohif-viewer-publication", STUDY)

# What Orthanc's plugin 1.8 appends to the user's configuration, as far as it overwrites it.
PLUGIN_PART = """
window.config.routerBasename = '/ohif/';
window.config.dataSources = [{
  namespace: '@ohif/extension-default.dataSourcesModule.dicomweb', sourceName: 'dicomweb',
  configuration: {
    name: 'orthanc', wadoUriRoot: '../dicom-web', qidoRoot: '../dicom-web', wadoRoot: '../dicom-web',
    qidoSupportsIncludeField: false, imageRendering: 'wadors', thumbnailRendering: 'wadors',
    enableStudyLazyLoad: true, supportsWildcard: true, staticWado: true, singlepart: 'bulkdata,video',
    acceptHeader: ['multipart/related; type=application/octet-stream; transfer-syntax=*'],
  },
}];
window.config.defaultDataSourceName = 'dicomweb';
"""


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Viewer]]:
    """Start a person's visit to the OHIF of a deployment."""
    opened: list[Viewer] = []

    def start(version: str = CURRENT, locale: str = "fr-FR", **ohif: Any) -> Viewer:
        dist = published(version)
        deployment = make_deployment(
            institution={"name": "Test", "url": "http://localhost", "languages": ["fr", "en"]},
            viewers={"ohif": {"reports": "signed-in", **ohif}},
            release=RELEASES[version],
            deployment=None,
        )
        (artifact,) = ohif_files(deployment)
        as_plugin = ohif.get("serve") == "plugin"
        site = (
            Site(dist, artifact.text, callback="/ohif/", plugin_part=PLUGIN_PART)
            if as_plugin
            else Site(dist, artifact.text)
        )
        viewer = Viewer(browser, site, locale)
        opened.append(viewer)
        return viewer

    yield start
    for viewer in opened:
        viewer.close()
        viewer.site.close()


@pytest.mark.parametrize("version", [OLDEST, CURRENT, NEWEST])
def test_report_saved_with_own_token(version: str, visit: Callable[..., Viewer], tmp_path: Path) -> None:
    """Anybody who follows an instant link signs in, measures, and saves the report with the user's own token."""
    person = visit(version)

    person.open(STUDY, INSTANT)
    person.sign_in("radiologist")
    person.sees_images()
    person.measure()
    person.create_report()
    person.confirm_report()
    person.picture(tmp_path / "saved.png")

    (report,) = person.site.stored()
    (stow,) = [seen for seen in person.site.seen if seen.method == "POST"]
    assert (report.Modality, report.StudyInstanceUID) == ("SR", STUDY)
    assert (stow.path, stow.status, claims(stow.token)["sub"]) == ("/dicom-web/studies", 200, "radiologist")
    assert {claims(seen.token).get("sub") for seen in person.site.seen} == {"radiologist"}
    assert (person.notices(), person.errors, person.site.identity.complaints) == (0, [], [])


def test_a_person_signed_in_elsewhere_does_not_sign_in_again(visit: Callable[..., Viewer]) -> None:
    """Anybody who is signed in already sees the images without being asked, and so after F5."""
    person = visit()
    person.signed_in_already("reader")

    person.open(STUDY, INSTANT)
    person.sees_images()
    person.reload()
    person.sees_images()

    assert person.site.identity.sign_ins == ["reader", "reader"]
    assert {seen.status for seen in person.site.seen} == {200}


@pytest.mark.parametrize("version", [CURRENT, NEWEST])
def test_a_person_who_may_not_save_reads_why_and_keeps_the_measurement(
    version: str, visit: Callable[..., Viewer], tmp_path: Path
) -> None:
    """Anybody who may not save is told why in their own language, and keeps the measurement."""
    person = visit(version)
    person.signed_in_already("reader")

    person.open(STUDY, INSTANT)
    person.sees_images()
    person.measure()
    person.create_report()
    person.confirm_report()

    assert person.notice().startswith("Le rapport n’a pas été enregistré")
    person.picture(tmp_path / "refused.png")
    assert (person.measurements(), person.site.stored(), person.errors) == (1, [], [])


@pytest.mark.parametrize("version", [OLDEST, CURRENT, NEWEST])
def test_a_guest_sees_the_images_and_cannot_save(
    version: str, visit: Callable[..., Viewer], tmp_path: Path
) -> None:
    """The guest of a share link sees the images, is never asked to sign in, cannot save, and may press F5."""
    guest = visit(version, locale="en-US")

    guest.open(STUDY, SHARE)
    guest.sees_images()
    guest.measure()
    guest.create_report()

    assert guest.notice().startswith("A link shows the images; reports are saved by people who sign in.")
    guest.picture(tmp_path / "guest.png")
    assert (guest.measurements(), guest.page.get_by_role("dialog").count()) == (1, 0)

    before = len(guest.site.seen)
    guest.reload()
    guest.sees_images()

    assert {(seen.method, seen.token, seen.status) for seen in guest.site.seen} == {("GET", SHARE, 200)}
    assert len(guest.site.seen) > before
    assert "token" not in guest.page.url
    assert (guest.site.identity.sign_ins, guest.errors) == ([], [])


def test_share_then_own_visit(visit: Callable[..., Viewer]) -> None:
    """In the tab of a share link, the instant link of somebody who signs in is that person's visit, after F5 too."""
    person = visit()
    person.signed_in_already("radiologist")

    person.open(STUDY, SHARE)
    person.sees_images()
    person.open(STUDY, INSTANT)
    person.sees_images()
    before = len(person.site.seen)
    person.reload()
    person.sees_images()

    assert {claims(seen.token).get("sub") for seen in person.site.seen[before:]} == {"radiologist"}


@pytest.mark.parametrize(
    "token", ["a.b.c", "%00%ff..", "eyJhbGciOiJIUzI1NiJ9.bnVsbA.x"], ids=["text", "bytes", "null"]
)
def test_an_unreadable_token_leads_to_the_sign_in(token: str, visit: Callable[..., Viewer]) -> None:
    """A token that cannot be read is no token: sign in and see the images."""
    person = visit()
    person.signed_in_already("reader")

    person.open(STUDY, token)
    person.sees_images()

    assert {claims(seen.token).get("sub") for seen in person.site.seen} == {"reader"}
    assert person.errors == []


def test_an_expired_link_says_so_without_a_sign_in(visit: Callable[..., Viewer], tmp_path: Path) -> None:
    """A share link that opens nothing any more says so, and leads nobody to a sign-in page."""
    guest = visit(locale="de-DE")

    guest.open(STUDY, link("ohif-viewer-publication", "1.2.3"))

    assert guest.notice().startswith("Ce lien n’ouvre pas ou plus ces images.")
    guest.picture(tmp_path / "expired.png")
    assert guest.site.identity.sign_ins == []


def test_with_reports_off_an_instant_link_opens_the_study(visit: Callable[..., Viewer]) -> None:
    """With `reports: off` an instant link is used as it comes, survives F5, and Create Report explains itself."""
    person = visit(reports="off", locale="en-US")

    person.open(STUDY, INSTANT)
    person.sees_images()
    person.reload()
    person.sees_images()
    assert person.notices() == 0
    person.measure()
    person.create_report()

    assert person.notice().startswith("Saving reports is switched off here.")
    assert {(seen.method, seen.token) for seen in person.site.seen} == {("GET", INSTANT)}
    assert (person.site.identity.sign_ins, person.errors) == ([], [])


def test_a_report_is_saved_from_ohif_as_a_plugin(visit: Callable[..., Viewer]) -> None:
    """Served by Orthanc's plugin, which overwrites half of the configuration, a report is saved all the same."""
    person = visit(serve="plugin")

    person.open(STUDY, INSTANT)
    person.sign_in("radiologist")
    person.sees_images()
    person.measure()
    person.create_report()
    person.confirm_report()
    person.reload()
    person.sees_images()

    assert [report.Modality for report in person.site.stored()] == ["SR"]
    assert {claims(seen.token).get("sub") for seen in person.site.seen} == {"radiologist"}
    assert (person.errors, person.site.identity.complaints) == ([], [])


def test_the_address_without_a_study_leads_to_the_list(visit: Callable[..., Viewer]) -> None:
    """OHIF's address without a study leads to Orthanc Explorer 2's list of studies."""
    person = visit()

    person.page.goto(f"{person.site.origin}/ohif/")
    person.page.wait_for_url("**/ui/app/")

    assert (person.site.seen, person.site.identity.sign_ins) == ([], [])


def test_other_modes_open_by_their_own_address(visit: Callable[..., Viewer]) -> None:
    """The other modes open by their own address, with the same sign-in."""
    person = visit(modes=["viewer", "segmentation"])
    person.signed_in_already("radiologist")

    person.open(STUDY, INSTANT, page="segmentation")
    person.page.wait_for_selector(".cornerstone-canvas")
    person.page.get_by_text("Segmentation").first.wait_for()

    assert {(claims(seen.token).get("sub"), seen.status) for seen in person.site.seen} == {
        ("radiologist", 200)
    }
    assert person.errors == []
