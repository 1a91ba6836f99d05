"""
The research archive of `profiles/paradim.yaml` on a container engine: TLS, roles, collections, DICOM, OHIF.

It begins under an older release and is upgraded with its data. (`test_deployment_people.py` starts the newest from nothing.)
The tests share one deployment and stand in the order in which they trouble it: those that look come first.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from orthgen.catalogue import load, releases
from orthgen.deployment import naming
from tests.support.builders import PROFILES
from tests.support.real import bare_setup, documented, images, web
from tests.support.real import deployment_checks as checks
from tests.support.real.engine import Engine, Host
from tests.support.real.keycloak import KeycloakError
from tests.support.real.people import People
from tests.support.real.recovery import FAILURES, Recovery
from tests.support.real.research_archive import Archive
from tests.support.real.stage import Stage


@pytest.fixture(scope="module")
def archive(engine: tuple[Engine, Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The deployment, healthy under the newest release, with data of an older one."""
    folder = tmp_path_factory.mktemp("paradim")
    profile = folder / "paradim.yaml"
    text = (PROFILES / "paradim.yaml").read_text(encoding="utf-8")
    # For the administrators of the realm, as docs/keycloak.md says.
    text = text.replace("  realm: orthanc\n", "  realm: orthanc\n  keycloak: {local-port: 8081}\n")
    profile.write_text(re.sub(r"(?m)^release: .*$", f'release: "{images.OLDER}"', text), encoding="utf-8")
    stage = Stage(*engine, profile, folder)
    archive = Archive(stage, People(stage))
    stage.render()
    try:
        stage.up()
        archive.fill()
        documented.back_up(stage)
        documented.upgrade(stage, releases()[0])
        stage.provision("--yes")
        yield archive
    finally:
        stage.remove()


@pytest.fixture(scope="module")
def stage(archive: Archive) -> Stage:
    """The deployment alone."""
    return archive.stage


# ------------------------------------------------------------------------------------------------ those that look


def test_everything_is_healthy_and_says_nothing_that_has_to_be_explained(stage: Stage) -> None:
    """At the first try, with the data of the older release."""
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


def test_the_realm_is_in_sync_with_the_profile(stage: Stage) -> None:
    """Provisioning finds nothing more to change in what the older release has imported."""
    assert "in sync" in stage.provision("--check")


def test_the_upgrade_keeps_what_people_had(archive: Archive) -> None:
    """Every file and label of the studies; people stay signed in, their accounts and passwords work, and links open."""
    stage = archive.stage
    running = {service["image"] for service in stage.resolved["services"].values()}

    assert stage.contents(archive.people("pacs-admin")) == archive.contents
    assert stage.contents(archive.renew()) == archive.contents
    assert opened(archive) == (200, 403)
    assert running <= set(load(releases()[0]).images.values())


def opened(archive: Archive) -> tuple[int, int]:
    """How the share link answers for its study, and for another one."""
    ask = partial(archive.stage.request, "GET", headers={"Authorization": f"Bearer {archive.link}"})
    return ask(f"/studies/{archive.cardio['ID']}").status, ask(f"/studies/{archive.neuro['ID']}").status


# ---------------------------------------------------------------------------------------------- those that work


def test_people_see_the_studies_of_their_collections(archive: Archive) -> None:
    """A study with a collection's label is seen by its readers, and by nobody else."""
    external, radiologist = archive.people("external"), archive.people("radiologist")
    ask = partial(archive.stage.request, "GET", token=external)

    assert [study["ID"] for study in archive.stage.studies(external)] == [archive.cardio["ID"]]
    assert len(archive.stage.studies(radiologist)) == 2
    assert ask(f"/studies/{archive.neuro['ID']}").status == 403
    listed = ask("/dicom-web/studies").json()
    assert [study["0020000D"]["Value"] for study in listed] == [
        [archive.cardio["MainDicomTags"]["StudyInstanceUID"]]
    ]


def test_verify_finds_everything_closed(archive: Archive) -> None:
    """
    With the token of somebody limited to a collection, and a link.

    Nobody limited may send here, and what two tokens on one request do is never tried.
    """
    report = archive.stage.verify(
        user_token=archive.people("external"),
        link_token=archive.share(archive.people("pacs-admin"), "viewer-instant-link"),
        **subjects(archive),
    )

    assert report["open"] == 0
    untold = {check["name"] for check in report["checks"] if check["verdict"] != "closed"}
    assert untold == {"sending-any-study", "token-mix"}


def subjects(archive: Archive) -> dict[str, str]:
    """The studies that `verify` asks for: one that is seen, and one that is not."""
    return {
        "study": archive.cardio["ID"],
        "other_study": archive.neuro["ID"],
        "other_study_uid": archive.neuro["MainDicomTags"]["StudyInstanceUID"],
    }


def test_the_viewer_is_served(stage: Stage) -> None:
    """OHIF with the rendered configuration, through nginx."""
    page = stage.request("GET", "/ohif/viewer")
    settings = stage.request("GET", "/ohif/app-config.js")

    assert (page.status, settings.status) == (200, 200)
    assert "window.config" in settings.text


# ----------------------------------------------------------------------------------------- those that make trouble


@dataclass(frozen=True)
class Change:
    """A change of the profile, and the services whose container has to be another one afterwards."""

    edits: tuple[tuple[str, str], ...]
    concerned: set[str]


CHANGES = {
    # The radiologist loses a collection.
    "role": Change(
        (
            ("collections: [cardio, neuro]", "collections: [cardio]"),
            ("  - {role: radiologist, can: share, on: neuro}\n", ""),
        ),
        {naming.AUTH_SERVICE},
    ),
    "collection": Change(
        (("  cardio:\n", "  lung: {title: Lung cohort, gather: [{called-aet: LUNG}]}\n  cardio:\n"),),
        {naming.ORTHANC, naming.AUTH_SERVICE},
    ),
    "viewer": Change((("  volview: {}\n", ""),), {naming.ORTHANC, naming.NGINX}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_profile_makes_only_the_services_concerned_anew(archive: Archive, change: Change) -> None:
    """People stay signed in, and links open; since the first change, a radiologist sees one collection."""
    stage = archive.stage
    before, radiologist = stage.containers(), archive.people("radiologist")
    text = stage.profile.read_text(encoding="utf-8")
    for old, new in change.edits:
        assert old in text
        text = text.replace(old, new)
    stage.profile.write_text(text, encoding="utf-8")

    stage.render()
    stage.up()

    assert stage.made_anew_since(before) == change.concerned
    for token in (radiologist, archive.renew()):
        assert [study["ID"] for study in stage.studies(token)] == [archive.cardio["ID"]]
    assert opened(archive) == (200, 403)


def test_changed_passwords_make_only_their_readers_anew(archive: Archive) -> None:
    """Of the database, of Keycloak's administrator and of its client; people stay signed in, and links open."""
    stage = archive.stage
    before, radiologist = stage.containers(), archive.people("radiologist")
    names = (naming.ORTHANC_DB_PASSWORD, naming.KEYCLOAK_ADMIN_PASSWORD, naming.KEYCLOAK_CLIENT_SECRET)
    seen, old = stage.contents(radiologist), {name: stage.secret(name) for name in names}

    shown = stage.rotate(*names)

    new = {name: stage.secret(name) for name in names}
    assert all(new[name] != old[name] for name in names)
    assert [value for value in (*old.values(), *new.values()) if value in shown] == []
    assert stage.made_anew_since(before) == {naming.ORTHANC, naming.AUTH_SERVICE}
    for token in (radiologist, archive.renew()):
        assert stage.contents(token) == seen
    assert opened(archive) == (200, 403)
    assert set(stage.doctor()["containers"]) == {"ok"}, stage.said


@pytest.mark.parametrize(
    "service",
    [
        naming.NGINX,
        naming.OHIF,
        naming.AUTH_SERVICE,
        naming.ORTHANC,
        naming.ORTHANC_DB,
        naming.KEYCLOAK_DB,
        naming.KEYCLOAK,
    ],
)
def test_a_killed_service_recovers(archive: Archive, service: str) -> None:
    """
    By itself, and the others with it.

    After the end of its database, each of Orthanc's 20 connections to it fails before it is opened again: requests are
    answered with 503 until then. Keycloak's connections do the same, and a sign-in is answered with 500.
    """
    stage = archive.stage
    administrator = archive.people("pacs-admin")

    stage.kill(service)
    stage.wait_until_healthy(seconds=400)
    if service == naming.KEYCLOAK:
        administrator = archive.people("pacs-admin")

    number = 100 if service == naming.ORTHANC_DB else 20
    answers = [stage.request("GET", "/studies", token=administrator).status for _ in range(number)]
    assert set(answers[-10:]) == {200}
    assert service == naming.ORTHANC_DB or set(answers) == {200}
    if service == naming.KEYCLOAK_DB:
        sign_in_until_it_lasts(archive.people)


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


@pytest.fixture(scope="module")
def recovery(archive: Archive) -> Recovery:
    """Makes trouble, and compares what the deployment has afterwards."""
    return Recovery(archive.stage, archive.people, "pacs-admin")


@pytest.mark.parametrize(
    "failure",
    [pytest.param(failure, id=name) for name, failure in FAILURES.items() if failure != Recovery.from_kills],
)
def test_everything_comes_back_after(failure: Callable[[Recovery], None], recovery: Recovery) -> None:
    """No file, label, account or session is lost. Each service is killed alone, above."""
    failure(recovery)


def test_a_session_outlives_the_containers(archive: Archive) -> None:
    """It began under the older release, and goes on after all that was made anew."""
    assert archive.stage.studies(archive.renew())


OPEN_IN_A_BARE_SETUP = {
    *("hsts", "http-redirect"),
    *("anonymous-upload", "anonymous-stow", "anonymous-create", "anonymous-lookup"),
    "auth-service",
    *("link-changes-its-study", "link-deletes-in-its-study", "method-in-the-address", "method-in-a-header"),
    *("link-for-any-study", "link-by-another-spelling", "link-for-ever", "link-expires"),
    "link-opens-other-studies",
    *("patients-of-anybody", "search-by-patient", "siblings"),
    *("changes", "statistics", "metrics", "lookup"),
    *("sending-any-study", "upload-beyond-labels"),
    *("keycloak-console", "keycloak-master-realm", "keycloak-administration"),
    *("keycloak-redirects", "keycloak-direct-grants"),
}


def test_verify_finds_what_a_bare_setup_leaves_open(archive: Archive) -> None:
    """The same services, set up as public examples have them."""
    stage = archive.stage
    bare_setup.install(stage, "cardio")
    people = People(stage)
    administrator = people(bare_setup.ADMINISTRATOR)

    report = stage.verify(
        path=bare_setup.ROOT + "/",
        user_token=people(bare_setup.READER),
        link_token=archive.share(
            administrator, "ohif-viewer-publication", seconds=None, below=bare_setup.ROOT
        ),
        **subjects(archive),
    )

    opened = {check["name"] for check in report["checks"] if check["verdict"] == "open"}
    assert opened == OPEN_IN_A_BARE_SETUP


def test_a_backup_brings_the_older_release_back(archive: Archive) -> None:
    """Into an empty deployment: the studies with their labels, the accounts, and the links as they were."""
    stage = archive.stage
    stage.overrides.clear()
    stage.remove()
    shutil.rmtree(stage.out)
    stage.profile.write_text(archive.profile, encoding="utf-8")

    documented.restore(stage)

    assert stage.contents(archive.people("pacs-admin")) == archive.contents
    assert opened(archive) == (200, 403)
