"""
People at the research archive of `profiles/paradim.yaml`, each with a real browser, on a container engine.

They sign in at Entra ID, which a second real Keycloak plays under Entra ID's own name. Each story leaves its screenshots, its
network logs and the archive's content in the tests' cache (docs/contributing/stage.md). The tests share one deployment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.support.builders import PROFILES
from tests.support.real import dicom, phantom
from tests.support.real.engine import Engine, Host
from tests.support.real.entra_id import EntraId, playing
from tests.support.real.keycloak import Keycloak, claims
from tests.support.real.network import Network
from tests.support.real.stage import Stage
from tests.support.real.story import Person, Story, told

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pydicom import Dataset

TENANT, CLIENT = "6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10", "0f8a4f5e-7a53-4c1f-9a39-0c5d1b7a2e44"
RADIOLOGIST, EXTERNAL, ADMINISTRATOR = "rita", "eddy", "ada"
APP_ROLES = {
    RADIOLOGIST: "Orthanc.Radiologist",
    EXTERNAL: "Orthanc.External",
    ADMINISTRATOR: "Orthanc.Admin",
}
API_KEY = {"api-key": "k" * 40}


@dataclass
class Archive:
    """The running deployment with two studies, and the people of its tenant."""

    stage: Stage
    entra: EntraId
    browser: Browser
    passwords: dict[str, str]
    cardio: str = ""
    neuro: str = ""

    def story(self, name: str) -> AbstractContextManager[Story]:
        """Begin a story."""
        return told(name, self.stage, self.browser, lambda: API_KEY)

    def register(self) -> None:
        """Register the deployment at Entra ID with the addresses that its list of secrets names."""
        text = (self.stage.out / "secrets/README.md").read_text(encoding="utf-8")
        addresses = re.findall(r"`(https://[^`]+/broker/[^`]+)`", text)
        secret = self.stage.secret("entra-client-secret")
        self.entra.register(CLIENT, secret, addresses)

    def send(self, instances: list[Dataset], label: str) -> str:
        """Send a study and label it; its UID."""
        for instance in instances:
            answer = self.stage.request("POST", "/instances", headers=API_KEY, body=dicom.encode(instance))
            assert answer.status == 200, answer.text
        study = answer.json()["ParentStudy"]
        labelled = self.stage.request("PUT", f"/studies/{study}/labels/{label}", headers=API_KEY, body=b"")
        assert labelled.status == 200
        return str(instances[0].StudyInstanceUID)

    def signed_in(self, story: Story, name: str) -> Person:
        """Somebody who has signed in at Entra ID."""
        person = story.person(name)
        person.sign_in(name, self.passwords[name])
        return person


@pytest.fixture(scope="module")
def entra(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EntraId]:
    """Entra ID with the people of one tenant."""
    folder = tmp_path_factory.mktemp("entra-id")
    keycloak = Keycloak(network, folder)
    with playing(network, keycloak, folder, TENANT) as entra:
        yield entra
    keycloak.close()


@pytest.fixture(scope="module")
def archive(
    engine: tuple[Engine, Host],
    entra: EntraId,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Archive]:
    """The deployment, healthy, with one study in each collection."""
    folder = tmp_path_factory.mktemp("people")
    profile = folder / "people.yaml"
    text = (PROFILES / "paradim.yaml").read_text(encoding="utf-8")
    # Short, so that tokens end while the tests wait. A person would not choose this.
    identity = f"  realm: orthanc\n  trust: [{entra.authority}]\n  sessions: {{access-token: 90s}}\n"
    text = text.replace("  realm: orthanc\n", identity).replace(
        "archive:\n", "archive:\n  stable-after: 5s\n"
    )
    profile.write_text(text, encoding="utf-8")
    stage = Stage(*engine, profile, folder)
    stage.render()
    entra.add_tenant(APP_ROLES.values())
    archive = Archive(
        stage, entra, browser, {name: entra.add_person(name, role) for name, role in APP_ROLES.items()}
    )
    archive.register()
    stage.up()
    with stage.keycloak() as keycloak:
        attributes = {"api-key": [API_KEY["api-key"]]}
        keycloak.add_user(stage.realm, "program", roles=["pacs-admin"], attributes=attributes)
    archive.cardio = archive.send(phantom.chest(PatientName="Doe^Jane", PatientID="P1"), "cardio")
    archive.neuro = archive.send(phantom.chest(PatientName="Roe^Richard", PatientID="P2"), "neuro")
    yield archive
    stage.remove()


def uploads(person: Person) -> list[tuple[str, int, str]]:
    """The reports that a person's browser has sent: path, answer, and the client of the token."""
    return [
        (seen.path, seen.status, claims(seen.token)["azp"])
        for seen in person.requests
        if seen.method == "POST" and "/dicom-web/" in seen.path
    ]


def test_a_radiologist_saves_a_measurement(archive: Archive) -> None:
    """From the list, by an instant link, with the radiologist's own rights; it is in its collection, and there after F5."""
    with archive.story("measurement") as story:
        rita = archive.signed_in(story, RADIOLOGIST)
        rita.picture("list")
        window = rita.opens(archive.cardio)
        window.sees_images()
        window.measure()
        window.create_report()
        window.confirm_report()
        window.reload()
        window.sees_images()
        window.opens_series("SR")
        rita.picture("report", window.page)
        stored = story.archive()[archive.cardio]

    assert uploads(rita) == [("/dicom-web/studies", 200, "ohif")]
    assert (stored["labels"], stored["modalities"]) == (["cardio"], ["CT", "SR"])
    assert window.errors == []
    assert {claims(seen.token)["azp"] for seen in rita.requests if "/dicom-web/" in seen.path} == {"ohif"}
    assert [seen for seen in rita.requests if seen.status >= 400] == []


def test_a_radiologist_saves_a_segmentation(archive: Archive) -> None:
    """Painted with the brush, exported as DICOM SEG; it is in its collection, and there after F5."""
    with archive.story("segmentation") as story:
        rita = archive.signed_in(story, RADIOLOGIST)
        link = f"{archive.stage.origin}/ohif/segmentation?StudyInstanceUIDs={archive.neuro}"
        window = rita.follow(link)
        window.sees_images()
        window.paint()
        window.save_segmentation()
        window.reload()
        window.sees_images()
        window.opens_series("SEG")
        rita.picture("segmentation", window.page)
        stored = story.archive()[archive.neuro]

    assert uploads(rita) == [("/dicom-web/studies", 200, "ohif")]
    assert (stored["labels"], stored["modalities"]) == (["neuro"], ["CT", "SEG"])
    assert window.errors == []


def test_a_study_outside_the_collections_does_not_exist_for_an_outside_reader(archive: Archive) -> None:
    """Not in the list, and not by its UID, its patient, its series, its archive, or OHIF's address."""
    with archive.story("collections") as story:
        eddy = archive.signed_in(story, EXTERNAL)
        seen = eddy.studies()
        ids = archive_ids(archive.stage, archive.neuro)
        hidden = [
            f"/studies/{ids['study']}",
            f"/studies/{ids['study']}/archive",
            f"/studies/{ids['study']}/media",
            f"/patients/{ids['patient']}",
            f"/patients/{ids['patient']}/archive",
            f"/series/{ids['series']}",
            f"/series/{ids['series']}/archive",
            f"/instances/{ids['instance']}/file",
            f"/instances/{ids['instance']}/preview",
            f"/dicom-web/studies/{archive.neuro}",
            f"/dicom-web/studies/{archive.neuro}/metadata",
            f"/dicom-web/studies/{archive.neuro}/series",
        ]
        answers = {path: eddy.fetched(path, token=eddy.token) for path in hidden}
        shown = eddy.fetched(f"/dicom-web/studies/{archive.cardio}/series", token=eddy.token)
        window = eddy.follow(f"{archive.stage.origin}/ohif/viewer?StudyInstanceUIDs={archive.neuro}")
        notice = window.notice()
        eddy.picture("hidden", window.page)

    assert seen == {archive.cardio}
    assert answers == dict.fromkeys(hidden, 403)
    assert shown == 200
    assert notice.startswith("The archive does not open this for you.")


def archive_ids(stage: Stage, study: str) -> dict[str, str]:
    """Orthanc's own identifiers of a study and of what is in and above it."""

    def found(path: str, **options: Any) -> Any:
        return stage.request("GET", path, headers=API_KEY, **options).json()

    query = {"Level": "Study", "Query": {"StudyInstanceUID": study}}
    (study_id,) = stage.request("POST", "/tools/find", headers=API_KEY, json_body=query).json()
    described = found(f"/studies/{study_id}")
    series = found(f"/series/{described['Series'][0]}")
    return {
        "patient": described["ParentPatient"],
        "study": study_id,
        "series": series["ID"],
        "instance": series["Instances"][0],
    }


def test_the_guest_of_a_link_sees_its_study_and_nothing_else(archive: Archive) -> None:
    """Without an account: the images, again after F5, no other study, no list; and a message once the link has ended."""
    with archive.story("link") as story:
        rita = archive.signed_in(story, RADIOLOGIST)
        link = rita.shares(archive.cardio)
        rita.picture("shared")
        guest = story.person("guest", language="fr-CA")
        window = guest.follow(link)
        window.sees_images()
        window.reload()
        window.sees_images()
        guest.picture("guest", window.page)
        token = next(seen.token for seen in guest.requests if "/dicom-web/" in seen.path)
        ask = partial(guest.fetched, token=token, page=window.page)
        others = [ask(f"/dicom-web/studies/{archive.neuro}/series"), ask("/studies"), ask("/ui/app/")]
        kind = "ohif-viewer-publication"
        short = wish(archive, kind, seconds=1)
        ended = archive.stage.request("PUT", f"/auth/tokens/{kind}", headers=API_KEY, json_body=short)
        late = guest.context.new_page()
        late.wait_for_timeout(1500)
        late.goto(ended.json()["Url"])
        late.get_by_text("has expired").wait_for()
        guest.picture("expired", late)

    loaded = [seen for seen in guest.requests if seen.path.startswith("/dicom-web/") and seen.status == 200]
    assert {claims(seen.token)["type"] for seen in loaded} == {"ohif-viewer-publication"}
    assert all(archive.neuro not in seen.path for seen in loaded)
    assert others == [403, 403, 200]
    assert [seen.path for seen in guest.requests if "/keycloak/" in seen.path] == []
    assert window.errors == []


def wish(archive: Archive, kind: str, *, seconds: int) -> dict[str, Any]:
    """What Explorer 2 asks for when somebody shares the study of the first collection."""
    study = archive_ids(archive.stage, archive.cardio)["study"]
    resource = {"OrthancId": study, "DicomUid": archive.cardio, "Level": "study"}
    return {"Resources": [resource], "Type": kind, "ValidityDuration": seconds}


def test_tokens_are_renewed_and_a_sign_out_ends_all_tabs(archive: Archive) -> None:
    """OHIF goes on with a new token; after a sign-out every tab asks for the password again, at Entra ID as well."""
    with archive.story("session") as story:
        rita = archive.signed_in(story, RADIOLOGIST)
        window = rita.opens(archive.cardio)
        window.sees_images()
        first = rita.last_token("/dicom-web/")
        # OHIF renews a token a minute before its end.
        window.page.wait_for_event(
            "response", lambda answer: is_renewal(answer.request.post_data), timeout=120_000
        )
        window.scroll()
        rita.page.bring_to_front()
        second_list = rita.context.new_page()
        second_list.goto(archive.stage.home)
        second_list.get_by_text("CT chest").first.wait_for()

        rita.sign_out()
        rita.page.wait_for_selector("#username")
        rita.picture("signed-out")
        for page in (second_list, window.page):
            page.bring_to_front()
            page.wait_for_selector("#username")
        hosts = {urlsplit(page.url).hostname for page in rita.context.pages}
        rita.picture("viewer-signed-out", window.page)

    assert claims(first)["exp"] - claims(first)["iat"] == 90
    assert hosts == {"login.microsoftonline.com"}


def is_renewal(form: str | None) -> bool:
    """Whether a request renews a token."""
    return "grant_type=refresh_token" in (form or "")


def test_those_who_may_upload_and_the_rules_label(archive: Archive, tmp_path: Path) -> None:
    """An administrator chooses files in the list, and a rule of the profile labels the study; others cannot upload."""
    made = dicom.study(
        size=2, Modality="US", InstitutionName="IUCPQ Cardiology", PatientName="Poe^Ann", PatientID="P3"
    )
    files = [tmp_path / f"{number}.dcm" for number in range(len(made))]
    for file, instance in zip(files, made, strict=True):
        file.write_bytes(dicom.encode(instance))
    study = made[0].StudyInstanceUID

    with archive.story("upload") as story:
        ada = archive.signed_in(story, ADMINISTRATOR)
        ada.uploads(*files)
        ada.refreshes_until(ada.row(study).get_by_text("cardio"))
        ada.picture("uploaded")
        stored = story.archive()
        rita, eddy = (archive.signed_in(story, name) for name in (RADIOLOGIST, EXTERNAL))
        offered = [person.page.locator("#files").is_visible() for person in (ada, rita, eddy)]
        content = dicom.encode(dicom.instance(PatientID="P4"))
        answers = [
            archive.stage.request("POST", "/instances", token=person.token, body=content).status
            for person in (rita, eddy)
        ]
        seen = eddy.studies()
        after = story.archive()

    assert stored[study]["labels"] == ["cardio"]
    assert offered == [True, False, False]
    assert answers == [403, 403]
    assert study in seen
    assert after == stored
