"""
The smallest profile on a container engine, with the first commands of README and no other.

A person types them who may use Docker, and who is not root.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from orthgen.deployment import naming
from orthgen.probe.checks.limited_user import LIMITED_USER
from orthgen.probe.checks.link import LINK
from orthgen.probe.checks.transport import TRANSPORT
from tests.support.builders import PROFILES
from tests.support.real import deployment_checks as checks
from tests.support.real import dicom, images, parts, terminal
from tests.support.real.engine import Engine, EngineError, Host
from tests.support.real.keycloak_pages import answer_until
from tests.support.real.people import People, headers_of
from tests.support.real.recovery import FAILURES, Recovery
from tests.support.real.stage import Stage
from tests.support.real.story import told

README = (parts.REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"(?ms)^```sh\n(.*?)^```$", README)[0]

NOT_TRIED = {check.name for check in (*TRANSPORT, *LINK, *LIMITED_USER)} | {
    "token-mix",
    "upload-beyond-labels",
}
"""Checks of `verify` that have nothing to try."""


@pytest.fixture(scope="module")
def stage(engine: tuple[Engine, Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The deployment, healthy."""
    folder = tmp_path_factory.mktemp("minimal")
    profile = folder / "profiles/minimal.yaml"
    profile.parent.mkdir()
    shutil.copyfile(PROFILES / profile.name, profile)
    # In a clone the launcher installs orthgen first (tests/real/test_installation.py).
    launcher = folder / "orthgen"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m orthgen "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)
    for path in (folder, *folder.rglob("*"), engine[0].data / "docker.sock"):
        os.chown(path, -1 if path.is_socket() else terminal.ACCOUNT, terminal.ACCOUNT)
    stage = Stage(*engine, profile, folder, typed_as_root=False)
    stage.type_in(COMMANDS)
    yield stage
    stage.remove()


@pytest.fixture(scope="module")
def people(stage: Stage) -> People:
    """Gives tokens of people with a role."""
    return People(stage)


def test_everything_is_healthy_within_the_rendered_limits(stage: Stage) -> None:
    """At the first try."""
    checks.assert_healthy_within_limits(stage)


def test_no_log_has_anything_that_an_operator_would_have_to_explain(stage: Stage) -> None:
    """From nothing to healthy without a warning."""
    checks.assert_nothing_to_explain(stage)


def test_each_container_reaches_those_on_its_networks_and_nobody_else(stage: Stage) -> None:
    """Every port that any service listens on is tried, from every container."""
    checks.assert_reaches_its_networks_only(stage)


def test_secrets_are_where_they_are_read_and_nowhere_else(stage: Stage) -> None:
    """A container has the files of its service and no more."""
    checks.assert_secrets_where_they_are_read(stage)


def test_nothing_is_published_but_nginx_on_the_loopback(stage: Stage) -> None:
    """Other machines do not reach the trial."""
    checks.assert_published(stage, {("127.0.0.1", 80)})


def test_verify_finds_everything_closed(stage: Stage, people: People) -> None:
    """Without TLS, which the loopback does not need; nobody shares, and no role is limited to a collection."""
    checks.assert_everything_closed(stage, checks.ProbedPeople(people, "staff"), NOT_TRIED)


def test_dumps_need_a_password_only_over_the_network(stage: Stage) -> None:
    """Commands in the databases' containers, as the pages on backups and upgrades have them, connect by the socket."""
    for service, name in ((naming.ORTHANC_DB, "orthanc"), (naming.KEYCLOAK_DB, "keycloak")):
        dump = ("pg_dump", "--no-password", "-U", name, "--schema-only", name)
        assert "CREATE TABLE" in stage.inside(service, *dump)
        with pytest.raises(EngineError, match="no password supplied"):
            stage.inside(service, *dump, "-h", "127.0.0.1")


def test_the_doctor_finds_the_deployment_healthy(stage: Stage) -> None:
    """On the engine's machine: every check of the running deployment is ok, and no check is an error."""
    found = stage.doctor()
    expected = {
        name: {"ok"} for name in ("files", "secrets", "ports", "containers", "images", "issuer", "weaknesses")
    }

    assert {name: set(found.get(name, ())) for name in expected} == expected, stage.said
    assert len(found["issuer"]) == 2
    assert "error" not in {status for statuses in found.values() for status in statuses}, stage.said


def test_the_doctor_finds_a_stopped_container_and_another_image(stage: Stage) -> None:
    """A stopped auth-service is an error; a compose file with another limit is a warning of two checks."""
    compose = stage.out / "docker-compose.yml"
    text = compose.read_text()
    stage.compose("stop", naming.AUTH_SERVICE)
    compose.write_text(text.replace("mem_limit: 682m", "mem_limit: 683m", 1))
    try:
        found = stage.doctor()
    finally:
        compose.write_text(text)
        stage.compose("start", naming.AUTH_SERVICE)
        stage.wait_until_healthy(120)

    assert set(found["containers"]) == {"error"}, stage.said
    assert f"`{naming.AUTH_SERVICE}` does not run" in stage.said["containers"]
    assert set(found["images"]) == {"warning"}, stage.said
    assert set(found["files"]) == {"warning"}, stage.said


def test_secrets_are_rotated_while_it_runs(stage: Stage, people: People) -> None:
    """
    PostgreSQL and Orthanc have the new password, only its readers are made anew, and people stay signed in.

    A run that was interrupted after PostgreSQL's answer goes on with it.
    """
    session, containers = people.sign_in("staff"), stage.containers()
    names = (naming.ORTHANC_DB_PASSWORD, naming.AUTH_SERVICE_PASSWORD)
    before = {name: stage.secret(name) for name in names}
    file = stage.out / "secrets" / naming.ORTHANC_DB_PASSWORD

    shown = stage.type_in(f"./orthgen rotate profiles/minimal.yaml {' '.join(names)} --yes")

    after = {name: stage.secret(name) for name in names}
    assert not set(after.values()) & set(before.values())
    assert f"{naming.ORTHANC}, {naming.AUTH_SERVICE}: started again and healthy" in shown
    assert not [value for value in (*before.values(), *after.values()) if value in shown]
    assert stage.made_anew_since(containers) == {naming.ORTHANC, naming.AUTH_SERVICE}
    stage.studies(people.renew(session)["access_token"])  # asserts that Orthanc answers
    assert set(stage.doctor()["containers"]) == {"ok"}, stage.said
    assert "password authentication failed" in _postgresql_answers(stage, before[naming.ORTHANC_DB_PASSWORD])
    assert _postgresql_answers(stage, after[naming.ORTHANC_DB_PASSWORD]) == "1"

    file.rename(file.with_name(f".{file.name}.next"))
    file.write_text(before[naming.ORTHANC_DB_PASSWORD])
    os.chown(file, terminal.ACCOUNT, terminal.ACCOUNT)
    stage.type_in(f"./orthgen rotate profiles/minimal.yaml {naming.ORTHANC_DB_PASSWORD} --yes --no-restart")

    assert stage.secret(naming.ORTHANC_DB_PASSWORD) == after[naming.ORTHANC_DB_PASSWORD]
    assert _postgresql_answers(stage, after[naming.ORTHANC_DB_PASSWORD]) == "1"


def _postgresql_answers(stage: Stage, password: str) -> str:
    """What PostgreSQL says to Orthanc's user with a password, over the network as Orthanc asks."""
    query = f"PGPASSWORD={password} psql -At -h {naming.ORTHANC_DB} -U orthanc -c 'SELECT 1' 2>&1 || true"
    return stage.compose("exec", "-T", naming.ORTHANC_DB, "sh", "-c", query).strip()


def test_secrets_are_closed_to_other_accounts(stage: Stage) -> None:
    """Without root: the containers read the files, and nobody but the person enters their folder."""
    folder = stage.out / "secrets"

    assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (terminal.ACCOUNT, 0o700)
    assert {path.stat().st_uid for path in folder.iterdir()} == {terminal.ACCOUNT}


def test_the_first_administrator_signs_in_and_uploads_a_study(
    stage: Stage, at_home: Browser, tmp_path: Path
) -> None:
    """With the password that the last command shows; without a sign-in there is nothing to see."""
    shown = stage.type_in(COMMANDS.splitlines()[-1])
    password = re.search(r"password +(\S+)", shown)
    assert password, shown
    (made,) = dicom.study(size=1)
    file = tmp_path / "study.dcm"
    file.write_bytes(dicom.encode(made))

    with told("first-sign-in", stage, at_home, headers_of(stage, "staff")) as story:
        ann = story.person("ann")
        ann.go_home()
        ann.fill_in("admin", password[1])
        answer_until(ann.page, stage.home, "a-password-of-her-own")
        ann.sees_list()
        ann.uploads(file)
        ann.row(made.StudyInstanceUID).wait_for()

    assert [seen for seen in ann.requests if seen.status >= 400] == []
    assert stage.request("POST", "/tools/find", json_body={"Level": "Study", "Query": {}}).status == 403


@pytest.fixture(scope="module")
def recovery(stage: Stage, people: People) -> Recovery:
    """Makes trouble, and compares what the deployment has afterwards."""
    return Recovery(stage, people, "staff")


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_everything_comes_back_after(failure: Callable[[Recovery], None], recovery: Recovery) -> None:
    """No file, label, account or session is lost."""
    failure(recovery)


def test_each_image_says_what_it_stands_for(stage: Stage) -> None:
    """Stand-ins call themselves so; official images say nothing."""
    labels = {name: container["Config"]["Labels"] for name, container in stage.containers().items()}
    told = {name: some.get(images.STANDS_FOR, "") for name, some in labels.items()}

    assert all(told.values()) is not images.REAL
    assert {name for name, text in told.items() if "stand-in" in text} == (
        set() if images.REAL else {naming.ORTHANC, naming.AUTH_SERVICE}
    )
