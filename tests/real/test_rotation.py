"""`orthgen rotate` against a real Keycloak: the old value ends, the new one works. test_deployment_minimal.py has PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orthgen.deployment import naming
from tests.support.command import Outcome, orthgen
from tests.support.real.keycloak import KeycloakError, RunningKeycloak

PROFILE = """
orthgen: 1
institution: {name: Test, url: http://localhost}
identity:
  realm: rotation
  sign-in: [accounts: {otp: optional}]
  api-keys: true
roles: {staff: {can: [everything], collections: all}}
"""
OLD = "old-Zx5-password-of-somebody"
ADMINISTRATOR = {
    "username": "rotator",
    "enabled": True,
    "emailVerified": True,
    "email": "rotator@example.org",
    "firstName": "Ro",
    "lastName": "Tator",
}


class Hospital:
    """A realm on the shared Keycloak, an administrator of the test's own, and the folder of a deployment."""

    def __init__(self, keycloak: RunningKeycloak, folder: Path) -> None:
        self.keycloak = keycloak
        self.folder = folder
        self.secrets = folder / "deployment/clinic/secrets"

    def run(self, command: str, *arguments: str) -> Outcome:
        """A command with the administrator; it shows no secret."""
        signs_in = ("--server", self.keycloak.url, "--admin", "rotator")
        outcome = orthgen(command, "clinic.yaml", *arguments, *signs_in, cwd=self.folder)
        values = [
            path.read_text()
            for path in self.secrets.iterdir()
            if path.name.endswith(".next") or "." not in path.name
        ]
        assert [value for value in values if value in outcome.stdout + outcome.stderr] == []
        return outcome

    def secret(self, name: str) -> str:
        """A secret's value in its file."""
        return (self.secrets / name).read_text()

    @property
    def administrator(self) -> str:
        """The id of the administrator."""
        users = self.keycloak.admin("GET", "/master/users?username=rotator&exact=true").json()
        return str(users[0]["id"])

    def set_password(self, password: str, *, file: str = "") -> None:
        """Give the administrator a password, in Keycloak and in the file (or another one there)."""
        body = {"type": "password", "value": password, "temporary": False}
        self.keycloak.admin("PUT", f"/master/users/{self.administrator}/reset-password", body)
        (self.secrets / naming.KEYCLOAK_ADMIN_PASSWORD).write_text(file or password)

    def signs_in(self, password: str) -> bool:
        """Whether Keycloak accepts this password of the administrator."""
        try:
            self.keycloak.password_token("master", "admin-cli", "rotator", password)
        except KeycloakError:
            return False
        return True

    def gives_client_token(self, secret: str) -> bool:
        """Whether Keycloak accepts this secret of the auth-service's client."""
        form = {"grant_type": "client_credentials", "client_id": "admin-cli", "client_secret": secret}
        try:
            self.keycloak.token("rotation", form)
        except KeycloakError:
            return False
        return True


@pytest.fixture(scope="module")
def provisioned(keycloak: RunningKeycloak, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """Rendered, with its secrets, and provisioned."""
    hospital = Hospital(keycloak, tmp_path_factory.mktemp("rotation"))
    (hospital.folder / "clinic.yaml").write_text(PROFILE)
    for command in (("render", "clinic.yaml", "--quiet"), ("secrets", "clinic.yaml")):
        assert orthgen(*command, cwd=hospital.folder).returncode == 0
    keycloak.admin("POST", "/master/users", ADMINISTRATOR)
    role = keycloak.admin("GET", "/master/roles/admin").json()
    keycloak.admin("POST", f"/master/users/{hospital.administrator}/role-mappings/realm", [role])
    hospital.set_password(OLD)
    done = hospital.run("provision-keycloak", "--yes")
    assert done.returncode == 0, done.stderr
    yield hospital
    keycloak.admin("DELETE", f"/master/users/{hospital.administrator}")
    keycloak.admin("DELETE", "/rotation", accepted=(204, 404))


@pytest.fixture
def hospital(provisioned: Hospital) -> Hospital:
    """With the old password in Keycloak and in the file, and without an interrupted run."""
    for path in provisioned.secrets.glob(".*.next"):
        path.unlink()
    provisioned.set_password(OLD)
    return provisioned


def test_keycloak_accepts_the_new_secrets_only(hospital: Hospital) -> None:
    """The client's secret, a first password and the administrator's own password, in one command."""
    before = {path.name: path.read_text() for path in hospital.secrets.iterdir()}
    names = (naming.KEYCLOAK_CLIENT_SECRET, "first-password-admin", naming.KEYCLOAK_ADMIN_PASSWORD)

    done = hospital.run("rotate", *names, "--yes", "--no-restart")

    assert done.returncode == 0, done.stderr
    changed = {name for name, value in before.items() if hospital.secret(name) != value}
    assert changed == set(names)
    assert not list(hospital.secrets.glob(".*.next"))
    assert hospital.signs_in(hospital.secret(naming.KEYCLOAK_ADMIN_PASSWORD))
    assert not hospital.signs_in(OLD)
    assert hospital.gives_client_token(hospital.secret(naming.KEYCLOAK_CLIENT_SECRET))
    assert not hospital.gives_client_token(before[naming.KEYCLOAK_CLIENT_SECRET])
    assert "--force-recreate --no-deps --wait orthanc-auth-service" in done.stdout
    user = hospital.keycloak.admin("GET", "/rotation/users?username=admin&exact=true").json()[0]
    assert "UPDATE_PASSWORD" in user["requiredActions"]


def test_an_interrupted_rotation_goes_on_with_the_same_value(hospital: Hospital) -> None:
    """Killed after Keycloak's answer: Keycloak has the new password, the file the old one."""
    new = "new-Vb3-password-of-an-interrupted-run"
    (hospital.secrets / f".{naming.KEYCLOAK_ADMIN_PASSWORD}.next").write_text(new)
    hospital.set_password(new, file=OLD)

    listed = hospital.run("rotate")
    done = hospital.run("rotate", naming.KEYCLOAK_ADMIN_PASSWORD, "--yes")

    assert "a run was interrupted: rotate it again" in listed.stdout
    assert done.returncode == 0, done.stderr
    assert hospital.secret(naming.KEYCLOAK_ADMIN_PASSWORD) == new
    assert not list(hospital.secrets.glob(".*.next"))


def test_a_wrong_password_changes_nothing(hospital: Hospital) -> None:
    """Somebody changed it in the console; the remedy names the option."""
    (hospital.secrets / naming.KEYCLOAK_ADMIN_PASSWORD).write_text("some-other-password")

    done = hospital.run("rotate", naming.KEYCLOAK_ADMIN_PASSWORD, "--yes")

    assert done.returncode == 4
    assert "accepts neither the old nor the new password" in done.stderr
    assert "--admin-secret" in done.stderr
    assert hospital.signs_in(OLD)
    assert hospital.secret(naming.KEYCLOAK_ADMIN_PASSWORD) == "some-other-password"
