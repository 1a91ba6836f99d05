"""
The research archive of `profiles/paradim.yaml` on a container engine: TLS, roles, collections, DICOM, OHIF.

The tests share one deployment and stand in the order in which they trouble it: those that look come first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from orthgen.deployment import naming
from tests.support.builders import PROFILES
from tests.support.real import deployment_checks as checks
from tests.support.real import dicom, web
from tests.support.real.engine import Engine, Host
from tests.support.real.keycloak import KeycloakError
from tests.support.real.people import People
from tests.support.real.stage import Stage


@pytest.fixture(scope="module")
def stage(engine: tuple[Engine, Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The deployment, healthy."""
    folder = tmp_path_factory.mktemp("paradim")
    profile = folder / "paradim.yaml"
    text = (PROFILES / "paradim.yaml").read_text(encoding="utf-8")
    # For the administrators of the realm, as docs/keycloak.md says.
    profile.write_text(
        text.replace("  realm: orthanc\n", "  realm: orthanc\n  keycloak: {local-port: 8081}\n")
    )
    stage = Stage(*engine, profile, folder)
    stage.render()
    stage.up()
    yield stage
    stage.remove()


@pytest.fixture(scope="module")
def people(stage: Stage) -> People:
    """Gives tokens: people sign in at Entra ID, which is not there."""
    return People(stage)


# ------------------------------------------------------------------------------------------------ those that look


def test_everything_is_healthy_and_says_nothing_that_has_to_be_explained(stage: Stage) -> None:
    """At the first try, from nothing."""
    checks.assert_healthy_within_limits(stage)
    checks.assert_nothing_to_explain(stage)


def test_each_container_reaches_those_on_its_networks_and_nobody_else(stage: Stage) -> None:
    """Every port that any service listens on is tried, from every container."""
    checks.assert_reaches_its_networks_only(stage)


def test_secrets_are_where_they_are_read_and_nowhere_else(stage: Stage) -> None:
    """A container has the files of its service and no more."""
    checks.assert_secrets_where_they_are_read(stage)


def test_ports_are_published_on_the_addresses_that_the_profile_names(stage: Stage) -> None:
    """Nginx on the web address, DICOM on the modalities', Keycloak's administration on the loopback, nothing elsewhere."""
    modalities = {("10.1.2.20", port) for port in (4242, 4243, 4244)}
    checks.assert_published(
        stage, {("192.0.2.20", 80), ("192.0.2.20", 443), *modalities, ("127.0.0.1", 8081)}
    )
    assert web.get(f"http://{stage.public_host}/").headers["location"].startswith("https://")


def test_the_realm_is_in_sync_with_the_profile_after_its_import(stage: Stage) -> None:
    """Provisioning finds nothing to change in what the first start has imported."""
    assert "in sync" in stage.provision("--check")


# ---------------------------------------------------------------------------------------------- those that work


def test_people_see_the_studies_of_their_collections(stage: Stage, people: People) -> None:
    """A study that a modality sends to a collection's title is seen by its readers, and by nobody else."""
    cardio, neuro = dicom.study(size=1), dicom.study(size=1)
    administrator = people("pacs-admin")
    for made in (cardio, neuro):
        assert (
            stage.request("POST", "/instances", token=administrator, body=dicom.encode(made[0])).status == 200
        )
    ids = {study["MainDicomTags"]["StudyInstanceUID"]: study["ID"] for study in stage.studies(administrator)}
    for made, label in ((cardio, "cardio"), (neuro, "neuro")):
        path = f"/studies/{ids[made[0].StudyInstanceUID]}/labels/{label}"
        assert stage.request("PUT", path, token=administrator, body=b"").status == 200

    external, radiologist = people("external"), people("radiologist")

    assert [study["ID"] for study in stage.studies(external)] == [ids[cardio[0].StudyInstanceUID]]
    assert len(stage.studies(radiologist)) == 2
    assert stage.request("GET", f"/studies/{ids[neuro[0].StudyInstanceUID]}", token=external).status == 403
    listed = stage.request("GET", "/dicom-web/studies", token=external).json()
    assert [study["0020000D"]["Value"] for study in listed] == [[cardio[0].StudyInstanceUID]]


def test_verify_finds_everything_closed(stage: Stage, people: People) -> None:
    """
    With the token of somebody limited to a collection, and a link.

    Nobody limited may send here, and what two tokens on one request do is never tried.
    """
    external = people("external")
    by_label = {study["Labels"][0]: study for study in stage.studies(people("pacs-admin"))}
    seen, hidden = by_label["cardio"], by_label["neuro"]
    resource = {
        "OrthancId": seen["ID"],
        "DicomUid": seen["MainDicomTags"]["StudyInstanceUID"],
        "Level": "study",
    }
    kind = "viewer-instant-link"
    asked = {"ID": "test", "Resources": [resource], "Type": kind, "ValidityDuration": 600}
    link = stage.request("PUT", f"/auth/tokens/{kind}", token=people("pacs-admin"), json_body=asked)

    report = stage.verify(
        user_token=external,
        link_token=link.json()["Token"],
        study=seen["ID"],
        other_study=hidden["ID"],
        other_study_uid=hidden["MainDicomTags"]["StudyInstanceUID"],
    )

    assert report["open"] == 0
    untold = {check["name"] for check in report["checks"] if check["verdict"] != "closed"}
    assert untold == {"sending-any-study", "token-mix"}


def test_the_viewer_is_served(stage: Stage) -> None:
    """OHIF with the rendered configuration, through nginx."""
    page = stage.request("GET", "/ohif/viewer")
    settings = stage.request("GET", "/ohif/app-config.js")

    assert (page.status, settings.status) == (200, 200)
    assert "window.config" in settings.text


# ----------------------------------------------------------------------------------------- those that make trouble


def test_a_changed_profile_makes_only_the_services_concerned_anew(stage: Stage, people: People) -> None:
    """A role that loses a collection: its files go to the auth-service; a session goes on and sees less."""
    radiologist = people("radiologist")
    before = {name: one["Id"] for name, one in stage.containers().items()}
    text = stage.profile.read_text(encoding="utf-8")
    text = text.replace("collections: [cardio, neuro]", "collections: [cardio]")
    text = text.replace("  - {role: radiologist, can: share, on: neuro}\n", "")
    stage.profile.write_text(text, encoding="utf-8")

    stage.render()
    stage.up()

    after = {name: one["Id"] for name, one in stage.containers().items()}
    assert {name for name in before if before[name] != after[name]} == {naming.AUTH_SERVICE}
    assert len(stage.studies(radiologist)) == 1


@pytest.mark.parametrize(
    "service", [naming.NGINX, naming.ORTHANC, naming.AUTH_SERVICE, naming.KEYCLOAK_DB, naming.ORTHANC_DB]
)
def test_a_killed_service_recovers(stage: Stage, people: People, service: str) -> None:
    """
    By itself, and the others with it.

    After the end of its database, each of Orthanc's 20 connections to it fails before it is opened again: requests are
    answered with 503 until then. Keycloak's connections do the same, and a sign-in is answered with 500.
    """
    administrator = people("pacs-admin")

    stage.kill(service)
    stage.wait_until_healthy(seconds=180)

    answers = [stage.request("GET", "/studies", token=administrator).status for _ in range(100)]
    assert set(answers[-10:]) == {200}
    assert service == naming.ORTHANC_DB or set(answers) == {200}
    if service == naming.KEYCLOAK_DB:
        sign_in_until_it_lasts(people)


def sign_in_until_it_lasts(people: People) -> None:
    """Sign in until ten sign-ins in a row succeed; a hundred have to be enough."""
    successes: list[bool] = []
    while successes[-10:] != [True] * 10:
        assert len(successes) < 100, "sign-ins still fail"
        try:
            people("pacs-admin")
        except KeycloakError:
            successes.append(False)
            time.sleep(1)
        else:
            successes.append(True)


def test_the_deployment_comes_back_with_its_data(stage: Stage, people: People) -> None:
    """After `down` and `up`, and after the machine was started again: the studies, and the people who signed in before."""
    studies = len(stage.studies(people("pacs-admin")))

    stage.compose("down")
    stage.up()

    assert len(stage.studies(people("pacs-admin"))) == studies

    stage.engine.stop()
    stage.engine.start()
    stage.wait_until_healthy(seconds=400)

    assert len(stage.studies(people("pacs-admin"))) == studies
