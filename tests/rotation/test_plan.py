"""Plans of rotations: every secret of every example has its steps; nothing is changed where a step cannot be done."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from orthgen.deployment import naming
from orthgen.doctor.container_engine import ContainerEngine
from orthgen.errors import OrthgenError
from orthgen.rendering.pipeline import resolve_profile
from orthgen.rotation.plan import ROTATIONS, rotation_of
from orthgen.rotation.products import scram_verifier
from orthgen.rotation.rotate import KeycloakAccess, Rotation
from tests.support.builders import PROFILES, make_deployment
from tests.support.command import orthgen

EXAMPLES = sorted(path.name for path in PROFILES.glob("*.yaml"))
KEYCLOAK = KeycloakAccess(lambda _: pytest.fail("Keycloak is asked"), "admin", "master", lambda: "")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_secret_of_every_example_has_a_rotation(name: str) -> None:
    """With its own row of the table, and readers that start again or a product that is changed."""
    deployment, _ = resolve_profile(str(PROFILES / name))

    rotations = rotation_of(deployment)

    assert [each.secret for each in rotations] == list(deployment.secrets)
    assert [each.secret.name for each in rotations if each.kind is ROTATIONS[-1]] == []
    assert [each.secret.name for each in rotations if not (each.restarts or each.kind.product)] == []


ROWS = {
    naming.ORTHANC_DB_PASSWORD: ("postgresql", {naming.ORTHANC}),
    naming.KEYCLOAK_DB_PASSWORD: ("postgresql", {naming.KEYCLOAK}),
    naming.KEYCLOAK_ADMIN_PASSWORD: ("administrator", set()),
    naming.KEYCLOAK_CLIENT_SECRET: ("client", {naming.AUTH_SERVICE}),
    naming.AUTH_SERVICE_PASSWORD: ("file", {naming.ORTHANC, naming.AUTH_SERVICE}),
    naming.AUTH_SERVICE_SECRET_KEY: ("file", {naming.AUTH_SERVICE}),
    "first-password-curator": ("account", set()),
    "smtp-password": ("file", {naming.KEYCLOAK}),
    "s3-access-key": ("file", {naming.ORTHANC}),
}


def test_each_secret_ends_where_its_old_value_is() -> None:
    """In the database, in Keycloak, or in the file; and those who read it start again, nobody else."""
    deployment, _ = resolve_profile(str(PROFILES / "research-platform.yaml"))
    found = {each.secret.name: each for each in rotation_of(deployment)}

    assert {name: (found[name].kind.commit, set(found[name].restarts)) for name in ROWS} == ROWS


def test_a_secret_in_the_institutions_keycloak_is_provisioned(tmp_path: Path) -> None:
    """No container reads it: the plan ends with the command that writes it into the realm."""
    text = (PROFILES / "research-platform.yaml").read_text()
    server = "keycloak: {server: https://sso.example.org, manage: everything}"
    (tmp_path / "site.yaml").write_text(text.replace("keycloak: {local-port: 8081}", server))
    deployment, _ = resolve_profile(str(tmp_path / "site.yaml"))

    (rotation,) = rotation_of(deployment, ["smtp-password"])

    assert rotation.restarts == ()
    assert rotation.kind.after[0].startswith("`orthgen provision-keycloak site.yaml --write-secrets`")


def test_half_of_an_access_key_is_refused() -> None:
    """S3 knows the two together."""
    deployment, _ = resolve_profile(str(PROFILES / "research-platform.yaml"))

    with pytest.raises(OrthgenError, match="are one access key"):
        rotation_of(deployment, ["s3-access-key"])


ENCRYPTED = """
storage:
  files:
    s3:
      bucket: images
      region: r
      access-key: {secret: id}
      secret-key: {secret: word}
      encryption: {number: 2, key: {secret: second}, previous: [{number: 1, key: {secret: first}}]}
"""


@pytest.mark.parametrize("name", ["first", "second"])
def test_a_master_key_is_not_replaced(name: str) -> None:
    """The files in the bucket need it: a new key has a number of its own. The list of all secrets says so."""
    deployment = make_deployment(archive=ENCRYPTED)

    with pytest.raises(OrthgenError, match=f"`{name}` is needed to read the files in the bucket") as caught:
        rotation_of(deployment, ["id", "word", name])
    assert "`number`" in caught.value.hint
    listed = {each.secret.name: each.interrupted for each in rotation_of(deployment)}
    assert (
        listed[name]
        == "nothing: it is never replaced. A new key has a new `number`, and this one goes to `previous`"
    )
    assert listed["id"].startswith("Orthanc, until")


def test_a_misspelt_secret_gets_the_nearest_one() -> None:
    """Nothing is guessed."""
    deployment, _ = resolve_profile(str(PROFILES / "minimal.yaml"))

    with pytest.raises(OrthgenError) as caught:
        rotation_of(deployment, ["keycloak-admin-pasword"])

    assert "`keycloak-admin-password`" in caught.value.hint


def test_the_stored_form_of_a_password_is_postgresqls() -> None:
    """RFC 5803: salt and iterations, then two keys; the client's proof verifies against it."""
    verifier = scram_verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    scheme, _, keys = verifier.partition("$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")
    stored, server = (base64.b64decode(key) for key in keys.split(":"))
    salted = hashlib.pbkdf2_hmac("sha256", b"pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096)

    assert scheme == "SCRAM-SHA-256"
    assert stored == hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    assert server == hmac.digest(salted, b"Server Key", "sha256")
    # The example of RFC 7677, section 3: the server's signature for its messages.
    messages = (
        "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )
    signature = base64.b64encode(hmac.digest(server, messages.encode(), "sha256")).decode()
    assert signature == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


class Engine(ContainerEngine):
    """An engine whose services run, or do not; it records what it starts again."""

    def __init__(self, *services: str) -> None:
        super().__init__()
        self.services = services
        self.recreated: list[str] = []
        self.given: list[tuple[str, str, str]] = []

    def containers(self, project: str) -> list[dict[str, Any]]:  # noqa: ARG002 - as the engine's
        """A container for each service."""
        return [
            {
                "Id": name,
                "Config": {"Labels": {"com.docker.compose.service": name}},
                "State": {"Running": True},
            }
            for name in self.services
        ]

    def recreate(self, folder: Path, services: Any) -> None:  # noqa: ARG002 - as the engine's
        """Record the services."""
        self.recreated += services

    def inside(self, container: str, *argv: str, stdin: str = "") -> str:
        """Record the container, and the password and the statement that a client of the database gets."""
        password, _, statement = stdin.partition("\n")
        self.given.append((container, password, statement.partition(" PASSWORD ")[0]))
        assert argv
        return ""


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A rendered deployment with its secrets."""
    (tmp_path / "clinic.yaml").write_text((PROFILES / "minimal.yaml").read_text())
    (tmp_path / "deployment/clinic").mkdir(parents=True)
    orthgen("secrets", "clinic.yaml", cwd=tmp_path)
    return tmp_path


def _rotate(folder: Path, engine: Engine, *names: str, given: dict[str, str] | None = None) -> None:
    deployment, _ = resolve_profile(str(folder / "clinic.yaml"))
    run = Rotation(deployment, folder / "deployment/clinic", engine, KEYCLOAK, lambda _: None)
    run.run(rotation_of(deployment, names), given or {}, restart=True)


def _secrets(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "deployment/clinic/secrets").iterdir()}


def test_a_file_is_replaced_and_its_readers_start_again(clinic: Path) -> None:
    """One secret changes, and no leftover stays."""
    before = _secrets(clinic)
    engine = Engine(naming.ORTHANC, naming.AUTH_SERVICE)

    _rotate(clinic, engine, naming.AUTH_SERVICE_PASSWORD)

    after = _secrets(clinic)
    assert {name for name in after if after[name] != before.get(name)} == {naming.AUTH_SERVICE_PASSWORD}
    assert set(engine.recreated) == {naming.ORTHANC, naming.AUTH_SERVICE}


@pytest.mark.parametrize(
    ("name", "service", "role"),
    [
        (naming.ORTHANC_DB_PASSWORD, naming.ORTHANC_DB, "orthanc"),
        (naming.KEYCLOAK_DB_PASSWORD, naming.KEYCLOAK_DB, "keycloak"),
    ],
)
def test_a_database_is_asked_with_the_old_password_for_the_new_one(
    clinic: Path, name: str, service: str, role: str
) -> None:
    """In its own container; Keycloak is not asked for anything."""
    before = _secrets(clinic)[name]
    engine = Engine(naming.ORTHANC, naming.KEYCLOAK, naming.ORTHANC_DB, naming.KEYCLOAK_DB)

    _rotate(clinic, engine, name)

    assert engine.given == [(service, before, f'ALTER ROLE "{role}"')]
    assert _secrets(clinic)[name] != before


def test_nothing_changes_where_the_database_does_not_run(clinic: Path) -> None:
    """PostgreSQL would keep the old password."""
    before = _secrets(clinic)

    with pytest.raises(OrthgenError, match="`orthanc-db` does not run"):
        _rotate(clinic, Engine(naming.ORTHANC), naming.ORTHANC_DB_PASSWORD)

    assert _secrets(clinic) == before


def test_nothing_changes_where_a_reader_does_not_run(clinic: Path) -> None:
    """It could not start again with the new value, and would fail at its next request."""
    before = _secrets(clinic)

    with pytest.raises(OrthgenError, match="`orthanc` does not run"):
        _rotate(clinic, Engine(naming.AUTH_SERVICE), naming.AUTH_SERVICE_PASSWORD)

    assert _secrets(clinic) == before


@pytest.mark.parametrize("left", ["the-value-of-an-interrupted-run", ""])
def test_the_value_of_an_interrupted_run_is_used_if_it_is_whole(clinic: Path, left: str) -> None:
    """A product may have it already; an empty file is what a full disk leaves."""
    (clinic / f"deployment/clinic/secrets/.{naming.AUTH_SERVICE_PASSWORD}.next").write_text(left)

    _rotate(clinic, Engine(naming.ORTHANC, naming.AUTH_SERVICE), naming.AUTH_SERVICE_PASSWORD)

    value = _secrets(clinic)[naming.AUTH_SERVICE_PASSWORD]
    assert value == left if left else len(value) == 48


class _Api:
    """The admin API with one account and one client; it records what is changed."""

    def __init__(self) -> None:
        self.changed: list[tuple[str, object]] = []

    def get(self, path: str, _kind: object, **_query: str) -> list[dict[str, str]]:
        """The only object of a list."""
        return [{"id": path.rpartition("/")[2]}]

    def put(self, path: str, body: dict[str, object]) -> None:
        """Record the part of the body that is secret."""
        self.changed.append((path, body.get("secret", body.get("value"))))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (naming.KEYCLOAK_CLIENT_SECRET, "admin/realms/platform/clients/clients"),
        ("first-password-curator", "admin/realms/platform/users/users/reset-password"),
    ],
)
def test_keycloak_has_the_new_value_before_the_file(tmp_path: Path, name: str, path: str) -> None:
    """A client's secret and an account's password are changed at their own places, with the value of the file."""
    deployment, _ = resolve_profile(str(PROFILES / "research-platform.yaml"))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / name).write_text("old")
    api: Any = _Api()
    access = KeycloakAccess(lambda _: api, "admin", "master", lambda: "")
    engine = Engine(naming.AUTH_SERVICE, naming.KEYCLOAK)

    Rotation(deployment, tmp_path, engine, access, lambda _: None).run(
        rotation_of(deployment, [name]), {}, restart=True
    )

    assert api.changed == [(path, (tmp_path / "secrets" / name).read_text())]


def test_check_shows_the_plan_and_changes_nothing(clinic: Path) -> None:
    """Exit code 3; the steps in their order; the same as JSON."""
    before = _secrets(clinic)

    shown = orthgen("rotate", "clinic.yaml", naming.ORTHANC_DB_PASSWORD, "--check", cwd=clinic)
    form = json.loads(
        orthgen(
            "rotate", "clinic.yaml", naming.ORTHANC_DB_PASSWORD, "--check", "--format", "json", cwd=clinic
        ).stdout
    )

    steps = [line.partition(". ")[2] for line in shown.stdout.splitlines() if line[2:3].isdigit()]
    assert shown.returncode == 3
    assert [step.split()[0] for step in steps] == [
        "new",
        "PostgreSQL",
        "secrets/orthanc-db-password:",
        "start",
    ]
    assert "interrupted: Orthanc" in shown.stdout
    assert "noticed by: people who upload" in shown.stdout
    assert form[0]["restarts"] == [naming.ORTHANC]
    assert _secrets(clinic) == before


def test_without_a_terminal_it_asks_nothing(clinic: Path) -> None:
    """A pipeline says what it wants; a secret of a person comes from a store."""
    asked = orthgen("rotate", "clinic.yaml", naming.ORTHANC_DB_PASSWORD, cwd=clinic, stdin="")
    refused = orthgen(
        "rotate",
        "clinic.yaml",
        naming.AUTH_SERVICE_SECRET_KEY,
        "--yes",
        "--from",
        f"folder:{clinic}",
        cwd=clinic,
    )

    assert (asked.returncode, "--check" in asked.stderr) == (2, True)
    assert (refused.returncode, "does not have `auth-service-secret-key`" in refused.stderr) == (1, True)


def test_a_value_that_cannot_be_the_secret_is_refused(clinic: Path) -> None:
    """Before anything is changed."""
    (clinic / naming.AUTH_SERVICE_SECRET_KEY).write_text("short")
    before = _secrets(clinic)

    done = orthgen(
        "rotate",
        "clinic.yaml",
        naming.AUTH_SERVICE_SECRET_KEY,
        "--yes",
        "--from",
        f"folder:{clinic}",
        cwd=clinic,
    )

    assert (done.returncode, _secrets(clinic)) == (1, before)
    assert "has 5 characters, and needs 32: nothing was changed" in done.stderr
