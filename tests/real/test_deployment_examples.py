"""
More examples of `profiles/` on a container engine, each from nothing, with the servers around it that it names.

tests/support/real/deployment_examples.py says what is particular about each of them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from orthgen.deployment import naming
from tests.support.builders import PROFILES
from tests.support.real import authority, dicom, outside, phantom
from tests.support.real import deployment_checks as checks
from tests.support.real.deployment_examples import EXAMPLES, KEYCLOAK, ORTHANC, TRUST
from tests.support.real.engine import Engine, Host
from tests.support.real.hospital import PASSWORD, TRAINEE
from tests.support.real.hospital_people import Hospital, access_log, answered_by, strays
from tests.support.real.keycloak import claims
from tests.support.real.network import Network
from tests.support.real.orthanc import Orthanc
from tests.support.real.people import People
from tests.support.real.recovery import FAILURES, Recovery
from tests.support.real.stage import Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module", params=EXAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    """The example's name."""
    return str(request.param)


@pytest.fixture(scope="module")
def stage(
    name: str,
    network: Network,  # noqa: ARG001 - before the engine
    engine: tuple[Engine, Host],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    """The deployment, healthy, and the servers around it."""
    folder = tmp_path_factory.mktemp(name)
    for profile in PROFILES.glob("*.yaml"):
        text = profile.read_text(encoding="utf-8")
        for old, new in EXAMPLES[name].edits:
            text = text.replace(old, new)
        (folder / profile.name).write_text(text, encoding="utf-8")
    TRUST.parent.mkdir(exist_ok=True)
    shutil.copyfile(authority.certificate(), TRUST)
    stage = Stage(*engine, folder / f"{name}.yaml", folder)
    around = folder / "around"
    around.mkdir()
    with EXAMPLES[name].around(stage, around, lambda: request.getfixturevalue("keycloak")):
        stage.render()
        if stage.elsewhere is not None:
            stage.provision("--yes")
        try:
            stage.up()
            yield stage
        finally:
            stage.remove()


@pytest.fixture(scope="module")
def people(stage: Stage) -> People:
    """Gives tokens of people with a role."""
    return People(stage)


def test_everything_is_healthy_and_says_nothing_that_has_to_be_explained(stage: Stage) -> None:
    """At the first try, from nothing, within the rendered limits."""
    checks.assert_healthy_within_limits(stage)
    checks.assert_nothing_to_explain(stage)


def test_each_container_reaches_those_on_its_networks_and_nobody_else(stage: Stage) -> None:
    """Every port that any service listens on is tried, from every container."""
    checks.assert_reaches_its_networks_only(stage)


def test_secrets_are_where_they_are_read_and_nowhere_else(stage: Stage) -> None:
    """A container has the files of its service and no more."""
    checks.assert_secrets_where_they_are_read(stage)


def test_ports_are_published_on_the_addresses_that_the_profile_names(name: str, stage: Stage) -> None:
    """And nowhere else."""
    checks.assert_published(stage, EXAMPLES[name].published)


def test_the_realm_is_in_sync_with_the_profile(stage: Stage) -> None:
    """After the import of the first start."""
    assert "in sync" in stage.provision("--check")


def test_people_sign_in_as_the_profile_says(name: str, stage: Stage) -> None:
    """On the real pages, through the real origin, with the role that the profile gives them; the archive knows the token."""
    tokens, role = EXAMPLES[name].sign_in(stage)

    assert role in claims(tokens["access_token"])["realm_access"]["roles"]
    stage.studies(tokens["access_token"])  # asserts that Orthanc answers


def test_verify_finds_everything_closed(name: str, stage: Stage, people: People) -> None:
    """With the token of somebody limited to a collection, where a role is, and a link."""
    example = EXAMPLES[name]
    probed = checks.ProbedPeople(people, example.uploads, example.limited, example.labels)
    checks.assert_everything_closed(stage, probed, example.not_tried)


# ------------------------------------------------------------------------------------------------------ failures


@pytest.fixture(scope="module")
def recovery(name: str, stage: Stage, people: People) -> Recovery:
    """Makes trouble, and compares what the deployment has afterwards."""
    return Recovery(stage, people, EXAMPLES[name].uploads)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_everything_comes_back_after(failure: Callable[[Recovery], None], recovery: Recovery) -> None:
    """No file, label, account or session is lost."""
    failure(recovery)


# ---------------------------------------------------------------------------------------------- people below sub-paths


below_sub_paths = pytest.mark.parametrize("name", ["teaching-hospital"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def hospital(stage: Stage, people: People, browser: Browser) -> Hospital:
    """The running example with a study of the teaching files."""
    volume = phantom.chest(PatientName="Doe^Jane", PatientID="P1")
    token = people("pacs-admin")
    for instance in volume:
        stored = stage.request("POST", "/instances", token=token, body=dicom.encode(instance))
        assert stored.status == 200, stored.text
    path = f"/studies/{stored.json()['ParentStudy']}/labels/teaching"
    assert stage.request("PUT", path, token=token, body=b"").status == 200
    with stage.keycloak() as keycloak:
        password = keycloak.add_user(stage.realm, "cora", roles=["consultant"])
    return Hospital(stage, browser, people, str(volume[0].StudyInstanceUID), password)


@below_sub_paths
def test_below_sub_paths_a_consultant_saves_a_report_shares_and_signs_out(hospital: Hospital) -> None:
    """
    Signed in, by an instant link; a guest sees the study, and every tab is signed out.

    The ingest node stores the report, and the readers have it at the next request, after F5.
    """
    with hospital.story("sub-paths") as story:
        cora = story.person("cora")
        cora.sign_in("cora", hospital.password)
        before = story.archive()[hospital.study]["modalities"]
        logged = len(access_log(hospital.stage))
        window = cora.opens(hospital.study)
        window.sees_images()
        window.measure()
        window.create_report()
        window.confirm_report()
        window.reload()
        window.sees_images()
        window.opens_series("SR")
        cora.picture("report", window.page)
        guest = story.person("guest")
        shared = guest.follow(cora.shares(hospital.study))
        shared.sees_images()
        shared.reload()
        shared.sees_images()
        refused = [seen for seen in cora.requests if seen.status >= 400]
        requests = access_log(hospital.stage)[logged:]
        answered = answered_by(hospital.stage, f"{ORTHANC}dicom-web/studies", requests)
        cora.sign_out()
        cora.page.wait_for_selector("#username")
        window.page.bring_to_front()
        window.page.wait_for_selector("#username")
        cora.picture("signed-out", window.page)
        stored = story.archive()[hospital.study]

    assert (stored["labels"], stored["modalities"]) == (["teaching"], sorted([*before, "SR"]))
    assert answered == {"POST": {naming.ORTHANC}, "GET": checks.READERS}
    assert refused == []
    assert window.errors + shared.errors == []
    assert strays(cora, guest) == []
    assert [seen.path for seen in guest.requests if seen.path.startswith(KEYCLOAK)] == []


@below_sub_paths
def test_below_sub_paths_a_trainee_is_refused_in_words(hospital: Hospital) -> None:
    """Signed in with the directory's password; the report is not saved, and the measurement stays on the screen."""
    with hospital.story("refusal") as story:
        mara = story.person("mara", language="en-US")
        mara.sign_in(TRAINEE, PASSWORD)
        before = story.archive()
        window = mara.opens(hospital.study)
        window.sees_images()
        window.measure()
        window.create_report()
        window.confirm_report()
        notice, measurements = window.notice(), window.measurements()
        mara.picture("refusal", window.page)
        after = story.archive()

    uploads = [
        (seen.path, seen.status)
        for seen in mara.requests
        if seen.method == "POST" and "/dicom-web/" in seen.path
    ]
    assert notice.startswith("The report was not saved: you are signed in, but without the right")
    assert measurements == 1
    assert uploads == [(f"{ORTHANC}dicom-web/studies", 403)]
    assert after == before
    assert window.errors == []
    assert strays(mara) == []


# ------------------------------------------------------------------------------------------- an Orthanc that is away


@below_sub_paths
def test_a_consultant_goes_on_reading_while_the_ingest_node_and_a_reader_are_away(
    hospital: Hospital,
) -> None:
    """A report that cannot be stored is refused and stays on the screen; the next attempt saves it when the node is back."""
    stage = hospital.stage
    with hospital.story("away") as story:
        cora = story.person("cora")
        cora.sign_in("cora", hospital.password)
        window = cora.opens(hospital.study)
        window.sees_images()
        before = story.archive()[hospital.study]["modalities"]
        stage.compose("kill", naming.ORTHANC, naming.reader(1))
        window.reload()
        window.sees_images()
        cora.studies()
        failed = [seen for seen in cora.requests if seen.status >= 400]
        window.measure()
        window.create_report()
        window.confirm_report()
        refused = [
            seen.status for seen in cora.requests if seen.method == "POST" and "/dicom-web/" in seen.path
        ]
        notice, measurements = window.notice(), window.measurements()
        cora.picture("not-saved", window.page)
        stage.up()
        window.create_report()
        window.confirm_report()
        after = story.archive()[hospital.study]["modalities"]

    assert failed == []
    assert (refused, measurements) == ([503], 1)
    assert notice.startswith("The report was not saved, because a part of the archive does not answer.")
    assert after == sorted([*before, "SR"])
    assert window.errors == []


# --------------------------------------------------------------------------------------------- storage outside


@pytest.fixture
def servers(hospital: Hospital) -> outside.Outside:
    """The database server and the disk of the hospital, which has a study."""
    assert hospital.stage.outside is not None
    return hospital.stage.outside


@below_sub_paths
def test_index_accounts_and_files_are_outside_of_the_deployment(
    hospital: Hospital, servers: outside.Outside
) -> None:
    """Encrypted connections within the budget, files that belong to user 999, and no volume of a database."""
    connections = "SELECT {} FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE usename = '{}'"

    assert int(servers.answer("SELECT count(*) FROM resources")) > 1
    assert int(servers.answer("SELECT count(*) FROM user_entity", "keycloak")) > 1
    within = f"count(*) <= {outside.CONNECTIONS * (1 + len(checks.READERS))}"
    assert servers.answer(connections.format(f"{within}, bool_and(ssl)", "orthanc")) == "t|t"
    assert servers.answer(connections.format("bool_and(ssl)", "keycloak")) == "t"
    assert {(path.stat().st_uid, path.stat().st_gid) for path in servers.files()} == {
        (naming.CONTAINER_USER, naming.CONTAINER_USER)
    }
    assert not [name for name in hospital.stage.resolved["volumes"] if "-db" in name]


@below_sub_paths
def test_the_studies_of_an_orthanc_with_sqlite_move_in(hospital: Hospital, orthanc: Orthanc) -> None:
    """With the configuration and the commands of docs/move-in.md: bytes, labels, attachments and metadata arrive."""
    stage, key = hospital.stage, "Kp4-" + "m" * 40
    with stage.keycloak() as keycloak:
        keycloak.add_user(stage.realm, "mover", roles=["pacs-admin"], attributes={"api-key": [key]})
    address = stage.deployment.addresses.orthanc_root
    peers = json.loads(outside.MOVE_IN["json"][0])
    peers["OrthancPeers"]["new"] = {"Url": address, "HttpHeaders": {"api-key": key}}
    own = {"UserContentType": {"letter": 1025}, "UserMetadata": {"remark": 1026}}
    assert stage.trusted is not None
    old = orthanc.start(
        {"RemoteAccessAllowed": True, "AuthenticationEnabled": False, **peers, **own},
        mounts={peers["HttpsCACertificates"]: stage.trusted},
    )
    study = dicom.upload(old.url, dicom.study(2))[0].json()["ParentStudy"]
    added = {"labels/teaching": b"", "attachments/letter": b"a letter", "metadata/remark": b"a remark"}
    for path, body in added.items():
        assert old.request("PUT", f"/studies/{study}/{path}", body=body).status == 200
    files = {path: old.request("GET", path).body for path in outside.files_of(old.get("/instances"))}

    # The hospital has studies of its own, so the numbers of instances differ.
    _, sending, comparison = outside.MOVE_IN["sh"]
    variables = {"OLD": old.url, "NEW": address.rstrip("/"), "KEY": key, "CURL_CA_BUNDLE": str(stage.trusted)}
    assert outside.in_bash(sending, variables) == ""
    assert "< 2\n" in outside.in_bash(f"{comparison.strip()} || true", variables)

    token = hospital.people("pacs-admin")
    assert {path: stage.request("GET", path, token=token).body for path in files} == files
    arrived = stage.request("GET", f"/studies/{study}", token=token).json()
    assert arrived["Labels"] == ["teaching"]
    for path, body in (("attachments/1025/data", b"a letter"), ("metadata/1026", b"a remark")):
        assert stage.request("GET", f"/studies/{study}/{path}", token=token).body == body


@below_sub_paths
def test_orthanc_waits_for_its_database_and_has_all_that_a_dump_has(
    hospital: Hospital, servers: outside.Outside
) -> None:
    """
    The dump and its restore are those of docs/storage.md. The server is down when Orthanc is to start.

    The check says so, then that the authority is another one; nothing starts. The same `up` ends well when both are mended.
    """
    stage = hospital.stage
    before = stage.contents(hospital.people("pacs-admin"))
    dump, restore = outside.DUMP.replace(
        "deployment/hospital", f"deployment/{stage.profile.stem}"
    ).splitlines()
    stage.type_in(dump)
    orthancs = (naming.ORTHANC, *checks.READERS)
    stage.compose("rm", "--stop", "--force", *orthancs)
    servers.answer("DELETE FROM labels")
    stage.type_in(restore)
    old = stage.inside(outside.CHECK, "sh", "-c", "MIN_POSTGRESQL=99 bash /opt/orthgen/check.sh || true")
    stage.compose("rm", "--stop", "--force", outside.CHECK)

    servers.postgres.stop()
    servers.trust("another")
    with ThreadPoolExecutor(max_workers=1) as pool:
        start = pool.submit(stage.compose, "up", "--detach", *orthancs)
        outside.wait_until_check_says(stage, "Connection refused")
        examined = stage.doctor()
        servers.postgres.start()
        outside.wait_until_check_says(stage, "certificate verify failed")
        state = stage.containers()[naming.ORTHANC]["State"]["Status"]
        servers.trust("authority")
        start.result()
    stage.wait_until_healthy(180)

    assert "needs 99 or newer: upgrade the server" in old
    assert set(examined["databases"]) == {"error"}
    assert state == "created"
    # Each of Keycloak's connections to the server fails once.
    token = outside.wait_until_it_answers(lambda: hospital.people("pacs-admin"))
    assert stage.contents(token) == before
