"""`orthgen provision-keycloak` between the plan and the answer: a person takes time to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.provision_options import Consent, Extent, PlanDisplay
from orthgen.cli.tasks.provision_keycloak import Provisioning, provision
from orthgen.errors import KeycloakConflict, KeycloakRefused
from orthgen.rendering.pipeline import resolve_profile
from orthgen.secret_source import SecretSource
from tests.realm.fake_keycloak import FakeKeycloak
from tests.realm.fake_realm import Realm
from tests.support.provisioning import SERVER

PROFILE = """
orthgen: 1
institution: {name: Test, url: http://localhost}
identity: {sign-in: [accounts: {otp: optional}]}
roles: {reader: {title: TITLE, can: [view], collections: all, granted-by: [{group: /readers}]}}
"""
EXTENT = Extent(prune=False, reset_undeclared=False, write_secrets=False, save_secrets=False, holders=True)
DISPLAY = PlanDisplay(output="text", full=False, show_all=False, quiet=True)


class Connection(FakeKeycloak):
    """A Keycloak in memory, as the command's connection."""

    server, requests = SERVER, 0


def _run(folder: Path, keycloak: Any, title: str, *, yes: bool = False) -> None:
    path = folder / "clinic.yaml"
    path.write_text(PROFILE.replace("TITLE", title))
    (folder / "first-password-admin").write_text("Of-an-account-of-a-test-1")
    deployment, loaded = resolve_profile(str(path))
    run = Provisioning(deployment, loaded, SecretSource(folder), keycloak, None, 5)
    consent = Consent(yes=yes, adopt=False, allow_destroy=False, allow_many=False)
    provision(run, EXTENT, None, consent, DISPLAY)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], bool]], None]:
    """What a person does before answering, and the answer."""

    def set_answer(answer: Callable[[], bool]) -> None:
        monkeypatch.setattr("click.confirm", lambda _text, **_: answer())

    return set_answer


@pytest.fixture
def realm(tmp_path: Path) -> tuple[Connection, Realm]:
    """A realm in sync with the first profile."""
    keycloak = Connection()
    _run(tmp_path, keycloak, "Reader", yes=True)
    keycloak.log.clear()
    return keycloak, keycloak.realms["orthanc"]


def test_a_plan_that_is_not_true_any_more_is_not_applied(
    tmp_path: Path, realm: tuple[Connection, Realm], answers: Any
) -> None:
    """Somebody changed the realm while another read the plan: the update would have undone it without a word."""
    keycloak, settings = realm

    def change_by_hand() -> bool:
        settings.client("orthanc")["redirectUris"] = ["*"]
        return True

    answers(change_by_hand)
    with pytest.raises(KeycloakConflict, match="has changed since this plan was shown"):
        _run(tmp_path, keycloak, "Readers")

    assert keycloak.writes == []


def test_what_the_plan_does_not_show_is_kept(
    tmp_path: Path, realm: tuple[Connection, Realm], answers: Any
) -> None:
    """An attribute of a role that others set meanwhile stays, because the role is read again after the answer."""
    keycloak, settings = realm
    settings.role_named("reader")["attributes"] = {"contact": ["nobody"]}

    def annotate() -> bool:
        settings.role_named("reader")["attributes"] = {"contact": ["radiology"]}
        return True

    answers(annotate)
    _run(tmp_path, keycloak, "Readers")

    role = settings.role_named("reader")
    assert (role["description"], role["attributes"]) == ("Readers", {"contact": ["radiology"]})


def test_a_run_that_stops_tells_how_far_it_came(
    tmp_path: Path, realm: tuple[Connection, Realm], capsys: pytest.CaptureFixture[str]
) -> None:
    """What was done and what was not, also with `--quiet`; the next run makes the rest."""
    keycloak, settings = realm

    def refuse(_number: int, verb: str, path: str, _after: bool) -> None:  # noqa: FBT001
        if (verb, path) == ("POST", "admin/realms/orthanc/groups"):
            raise KeycloakRefused("403")

    keycloak.hook = refuse
    settings.groups.clear()
    with pytest.raises(KeycloakRefused):
        _run(tmp_path, keycloak, "Readers", yes=True)

    assert capsys.readouterr().err.splitlines()[-1] == "1 of 2 changes are made; the next run continues"


def test_no_is_an_answer(tmp_path: Path, realm: tuple[Connection, Realm], answers: Any) -> None:
    """Nothing is written, and the exit code says that there are changes."""
    keycloak, _ = realm
    answers(lambda: False)

    with pytest.raises(SystemExit) as left:
        _run(tmp_path, keycloak, "Readers")

    assert (left.value.code, keycloak.writes) == (ExitCode.CHANGES, [])
