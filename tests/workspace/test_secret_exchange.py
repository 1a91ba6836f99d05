"""Exchange of secrets with a store: compared first, then all or none; no value is shown."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from pathlib import Path

import pytest

from orthgen.deployment import naming
from orthgen.deployment.model import SecretFile
from orthgen.report.secret_exchange import exchange_text
from orthgen.secret_stores import parse_store
from orthgen.targets.services.composition import mounted_secrets
from orthgen.workspace.secret_exchange import StoredSecret, compare, stored_secrets
from orthgen.workspace.secret_files import write_secrets
from tests.support.builders import make_deployment
from tests.support.command import Outcome, orthgen

GIVEN = {"smtp-password": "mail-Kp4-password", "entra-client-secret": "entra-Wm7-secret"}
PROFILE = """
orthgen: 1
institution: {name: Clinic, url: https://pacs.clinic.lan}
identity:
  sign-in:
    - entra-id:
        tenant: 6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10
        client-id: 0f8a4f5e-7a53-4c1f-9a39-0c5d1b7a2e44
        client-secret: {secret: entra-client-secret}
  smtp: {host: mail.clinic.lan, sender: pacs@clinic.lan, user: pacs, password: {secret: smtp-password}}
roles:
  staff: {can: [everything], collections: all, granted-by: [{entra-id: Staff}]}
deployment: {tls: {own-authority: {}}}
"""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered clinic with its random secrets, whose store is a folder."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "clinic.yaml").write_text(PROFILE)
    assert orthgen("render", "clinic.yaml", "--quiet", cwd=folder).returncode == 0
    orthgen("secrets", "clinic.yaml", cwd=folder)
    for name, value in GIVEN.items():
        (folder / "deployment/clinic/secrets" / name).write_text(value)
    shutil.copytree(folder / "deployment/clinic/secrets", folder / "store")
    return folder


class Clinic:
    """A copy of the clinic."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets = folder / "deployment/clinic/secrets"
        self.store = folder / "store"

    def take(self, *arguments: str) -> Outcome:
        """`orthgen secrets --from`; no value is shown."""
        outcome = orthgen("secrets", "clinic.yaml", "--from", "folder:store", *arguments, cwd=self.folder)
        values = [path.read_text().strip() for path in self.store.iterdir() if path.suffix == ""]
        shown = outcome.stdout + outcome.stderr
        assert [value for value in values if len(value) > 9 and value in shown] == []
        return outcome

    def files(self) -> dict[str, str]:
        """Every file of the folder of secrets."""
        return {path.name: path.read_text() for path in self.secrets.iterdir()}


@pytest.fixture
def clinic(rendered: Path, tmp_path: Path) -> Clinic:
    """A clinic of the test's own."""
    shutil.copytree(rendered, tmp_path / "clinic")
    return Clinic(tmp_path / "clinic")


def test_a_new_machine_gets_every_secret_of_the_store(clinic: Clinic) -> None:
    """With mode 0600, the own authority included: no browser has to trust a new one."""
    before = clinic.files()
    shutil.rmtree(clinic.secrets)

    outcome = clinic.take()

    after = clinic.files()
    kept = set(before) - {naming.TLS_CERTIFICATE, naming.TLS_KEY, "README.md", ".gitignore"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert {oct(path.stat().st_mode & 0o777) for path in clinic.secrets.iterdir()} == {"0o600"}
    assert "folder:store: 9 taken, 0 the same" in outcome.stdout
    assert "authority" not in outcome.stdout.partition("folder:store:")[2]


def test_check_writes_nothing(clinic: Clinic) -> None:
    """Exit code 3 and what would be taken; 0 when nothing would."""
    shutil.rmtree(clinic.secrets)

    outcome = clinic.take("--check")
    is_written = clinic.secrets.exists()
    clinic.take()

    assert (outcome.returncode, is_written) == (3, False)
    assert "9 to be taken" in outcome.stdout
    assert clinic.take("--check").returncode == 0


def test_a_missing_or_impossible_secret_stops_all_of_them(clinic: Clinic) -> None:
    """Each is named with its remedy, and no file changes."""
    shutil.rmtree(clinic.secrets)
    (clinic.store / "smtp-password").unlink()
    (clinic.store / naming.AUTH_SERVICE_PASSWORD).unlink()
    (clinic.store / "entra-client-secret").write_text("CHANGE_ME")

    outcome = clinic.take()

    assert (outcome.returncode, clinic.secrets.exists()) == (3, False)
    assert "add it to the store under the name `smtp-password`" in outcome.stdout
    assert f"add it to the store under the name `{naming.AUTH_SERVICE_PASSWORD}`" in outcome.stdout
    assert "--to folder:store" not in outcome.stdout
    assert "the value in the store is a value that everybody knows" in outcome.stdout
    assert "2 missing, 1 invalid; nothing was written" in outcome.stdout


def test_an_empty_store_is_probably_another_one(clinic: Clinic) -> None:
    """A misspelt place is not a list of missing secrets."""
    shutil.rmtree(clinic.store)
    clinic.store.mkdir()

    outcome = clinic.take()

    assert outcome.returncode == 1
    assert "`folder:store` holds none of the deployment's secrets" in outcome.stderr
    assert "--to" not in outcome.stderr


@pytest.mark.parametrize(
    ("reference", "remedy"),
    [
        (
            "sops:secrets.enc.yaml",
            "`orthgen secrets clinic.yaml --to sops:secrets.enc.yaml` makes and stores it",
        ),
        ("env:PACS_", "add it to the store under the name `PACS_DB_PASSWORD`"),
        ("azure:vault", "`orthgen secrets clinic.yaml --to azure:vault` makes and stores it"),
    ],
)
def test_a_remedy_names_a_command_that_works(reference: str, remedy: str) -> None:
    """Into some stores orthgen writes; into others a person writes, under the name that the store has."""
    comparison = compare([StoredSecret(SecretFile("db-password", "made", "the database"))], {}, {})

    text = exchange_text(comparison, parse_store(reference), "from", "clinic.yaml", done=False)

    assert text.splitlines()[1] == f"    = {remedy}"


def test_nothing_is_made_for_a_store_that_orthgen_only_reads(clinic: Clinic) -> None:
    """The command is refused before it makes a secret, and without a list of what it would store."""
    shutil.rmtree(clinic.secrets)

    outcome = orthgen("secrets", "clinic.yaml", "--to", "folder:store", cwd=clinic.folder)

    assert (outcome.returncode, outcome.stdout, clinic.secrets.exists()) == (1, "", False)
    assert "orthgen only reads `folder:`" in outcome.stderr


def test_a_different_value_is_refused_unless_it_is_to_be_replaced(clinic: Clinic) -> None:
    """The running product has the file's value."""
    (clinic.store / "smtp-password").write_text("another-Kp5-password")
    before = clinic.files()

    refused = clinic.take()
    unchanged = clinic.files() == before
    replaced = clinic.take("--replace")

    assert (refused.returncode, unchanged) == (4, True)
    assert "`orthgen rotate clinic.yaml smtp-password --from folder:store`" in refused.stderr
    assert "1 taken" in replaced.stdout
    assert clinic.files()["smtp-password"] == "another-Kp5-password"


def test_json_has_states_and_no_values(clinic: Clinic) -> None:
    """For programs: the comparison, and with `--check` nothing else."""
    (clinic.store / "smtp-password").write_text("another-Kp5-password")

    form = json.loads(clinic.take("--check", "--format", "json").stdout)

    assert (form["written"], form["direction"]) == (False, "from")
    states = {each["name"]: each["state"] for each in form["secrets"]}
    assert states["smtp-password"] == "different"
    assert states[naming.KEYCLOAK_DB_PASSWORD] == "same"


def test_a_failed_write_leaves_every_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at the second of three."""
    write_secrets(tmp_path, {"a": "old-a", "b": "old-b"})
    writes: list[int] = []

    def full(descriptor: int) -> None:
        writes.append(descriptor)
        if len(writes) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("orthgen.workspace.secret_files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_secrets(tmp_path, {"a": "new-a", "b": "new-b", "c": "new-c"})

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old-a", "b": "old-b"}


SECRET = SecretFile("x", "made", "a test")
VALUES = {
    "good": (StoredSecret(SECRET), "a-fine-value", ""),
    "line break at the end": (StoredSecret(SECRET), "a-fine-value\r\n", ""),
    "empty": (StoredSecret(SECRET), " \n", "is empty"),
    "lines": (StoredSecret(SECRET), "one\ntwo", "has several lines"),
    "control": (StoredSecret(SECRET), "a\x00b", "has a control character"),
    "sample": (StoredSecret(SECRET), "changeme", "is a value that everybody knows"),
    "short": (StoredSecret(SECRET, 32), "x" * 31, "has 31 characters, and needs 32"),
    "number": (StoredSecret(SECRET, is_typed=True), "123456789", "is read as a number"),
    "short key": (StoredSecret(SECRET, is_key=True), "c2hvcnQtbWFzdGVyLWtleQ==", "is no key of 32 bytes"),
    "key": (StoredSecret(SECRET, is_key=True), b64encode(bytes(range(32))).decode(), ""),
    "no PEM": (StoredSecret(SECRET, is_pem=True), "text", "is not PEM"),
}


@pytest.mark.parametrize(("stored", "value", "problem"), VALUES.values(), ids=VALUES)
def test_a_value_that_cannot_be_the_secret_is_named(stored: StoredSecret, value: str, problem: str) -> None:
    """By its reason, without the value."""
    (entry,) = compare([stored], {"x": value}, {}).entries

    assert entry.state == ("invalid" if problem else "new")
    assert entry.problem.startswith(problem)
    assert value.strip() not in entry.problem or not value.strip()


def test_a_store_and_a_file_have_the_same_conditions() -> None:
    """
    JSON is refused where Orthanc's image reads the value, and not where libpq does; a master key has 32 bytes.

    So `secrets --from` takes nothing that `secrets` then reports, and refuses nothing that works.
    """
    bucket = {
        "bucket": "images",
        "region": "r",
        "access-key": {"secret": "id"},
        "secret-key": {"secret": "word"},
    }
    deployment = make_deployment(
        archive={
            "storage": {
                "postgresql": {"host": "db.lan", "encryption": "none", "password": {"secret": "index"}},
                "files": {"s3": bucket | {"encryption": {"key": {"secret": "master"}}}},
            }
        }
    )

    stored = {item.secret.name: (item.is_typed, item.is_key) for item in stored_secrets(deployment)}
    mounted = {
        file.path.name: (file.is_typed, file.is_key)
        for file in mounted_secrets(deployment, Path("x"))
        if file.is_value
    }

    assert stored == mounted
    assert {name: stored[name] for name in ("index", "master", "id", "word")} == {
        "index": (False, False),
        "master": (False, True),
        "id": (True, False),
        "word": (True, False),
    }


def test_a_master_key_is_never_overwritten(tmp_path: Path) -> None:
    """Not with `--replace` either, and nothing beside it: one of the two is the only key to the bucket."""
    s3 = "{bucket: images, region: r, access-key: {secret: id}, secret-key: {secret: word}, encryption: {key: {secret: master}}}"
    (tmp_path / "clinic.yaml").write_text(f"{PROFILE}archive: {{storage: {{files: {{s3: {s3}}}}}}}\n")
    assert orthgen("render", "clinic.yaml", "--quiet", cwd=tmp_path).returncode == 0
    orthgen("secrets", "clinic.yaml", cwd=tmp_path)
    secrets, store = tmp_path / "deployment/clinic/secrets", tmp_path / "store"
    key, other = (b64encode(byte * 32).decode() for byte in (b"1", b"2"))
    for name, value in {**GIVEN, "id": "an-access-key", "word": "a-word-of-nobody", "master": key}.items():
        (secrets / name).write_text(value)
    shutil.copytree(secrets, store)
    replace = ("secrets", "clinic.yaml", "--from", "folder:store", "--replace")

    (store / "word").write_text("another-word")
    assert orthgen(*replace, cwd=tmp_path).returncode == 0
    (store / "word").write_text("a-third-word")
    (store / "master").write_text(other)
    outcome = orthgen(*replace, cwd=tmp_path)

    assert [(secrets / name).read_text() for name in ("master", "word")] == [key, "another-word"]
    assert outcome.returncode != 0
    assert "`master` is another key in `folder:store` than in the files" in outcome.stderr
    assert "cannot be read without the right key" in outcome.stderr
    assert key not in outcome.stderr
    assert other not in outcome.stderr
