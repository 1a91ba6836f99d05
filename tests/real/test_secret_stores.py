"""
Stores of secrets with their client programs.

Real: SOPS with age, `pass` with GnuPG, OpenBao. Vault, 1Password, AWS, Azure, Google Cloud and gopass are stand-ins on
PATH that take the command lines of their documentation.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from orthgen.secret_stores import parse_store
from orthgen.secret_stores.model import StoreError
from tests.support.builders import PROFILES
from tests.support.command import orthgen
from tests.support.real import parts
from tests.support.real.process import Program

ROOT = Path(__file__).parents[2]
VALUE = "s3cret-value-of-a-store"
PEM = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose `.sops.yaml` names a real age key, with the real sops on PATH."""
    key = tmp_path / "age.key"
    subprocess.run([parts.command("age-keygen"), "-o", key], check=True, capture_output=True)
    recipient = subprocess.run(
        [parts.command("age-keygen"), "-y", key], check=True, capture_output=True, text=True
    ).stdout.strip()
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / ".sops.yaml").write_text(
        f"creation_rules:\n  - path_regex: \\.enc\\.yaml$\n    age: {recipient}\n"
    )
    monkeypatch.setenv("PATH", f"{parts.tool('sops', 'sops').parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(key))
    monkeypatch.chdir(folder)
    return folder


def test_sops_creates_reads_and_changes_a_file(age: Path) -> None:
    """One value changes one line of the encrypted file, so that a pull request shows which; a key without access reads nothing."""
    store = parse_store("sops:secrets.enc.yaml")
    file = age / "secrets.enc.yaml"

    empty = store.read(["a"])
    store.write({"a": VALUE, "b": VALUE[::-1], "tls-authority.key": PEM})
    before = file.read_text()
    store.write({"b": "another value"})
    changed = {
        line.partition(":")[0].strip()
        for line in set(before.splitlines()) ^ set(file.read_text().splitlines())
    }

    assert empty == {}
    assert VALUE not in before
    assert store.read(["a"]) == {"a": VALUE, "b": "another value", "tls-authority.key": PEM}
    # Both writes may fall into one second.
    assert changed - {"lastmodified"} == {"b", "mac"}
    subprocess.run(
        [parts.command("age-keygen"), "-o", age.parent / "other.key"], check=True, capture_output=True
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOPS_AGE_KEY_FILE", str(age.parent / "other.key"))
        with pytest.raises(StoreError, match="`sops decrypt` failed") as caught:
            store.read(["a"])
    assert "SOPS_AGE_KEY_FILE" in caught.value.hint


def test_sops_encrypts_the_secret_of_a_cluster(age: Path) -> None:
    """The command of secrets/README.md, with the rule that `orthgen init` writes: each value is encrypted, and comes back."""
    cluster = f"extends: {PROFILES / 'minimal.yaml'}\ndeployment: {{kubernetes: {{secrets: sops}}}}\n"
    (age / "cluster.yaml").write_text(cluster)
    orthgen("render", "cluster.yaml", "--out", "made", cwd=age)
    orthgen("secrets", "cluster.yaml", "--out", "made", cwd=age)
    (command,) = re.findall(
        r"```sh\n(kubectl create .*?)```", (age / "made/secrets/README.md").read_text(), re.DOTALL
    )
    path = f"{parts.kubernetes('kubectl').parent}:{os.environ['PATH']}"

    subprocess.run(
        [parts.command("bash"), "-euo", "pipefail", "-c", command],
        cwd=age / "made",
        env={**os.environ, "PATH": path},
        check=True,
    )

    encrypted = age / "made" / yaml.safe_load((age / "made/kustomization.yaml").read_text())["resources"][-1]
    shown = yaml.safe_load(encrypted.read_text())
    decrypted = subprocess.run(["sops", "decrypt", encrypted], check=True, capture_output=True, text=True)
    values = yaml.safe_load(decrypted.stdout)["data"]
    assert shown["kind"] == "Secret"
    assert all(value.startswith("ENC[") for value in shown["data"].values())
    assert len(values) == len(shown["data"]) > 0
    for name, value in values.items():
        assert base64.b64decode(value) == (age / "made/secrets" / name).read_bytes(), name


def test_sops_without_a_rule_writes_nothing(age: Path) -> None:
    """Neither without a key for the file, nor with a rule that leaves the values as they are."""
    with pytest.raises(StoreError, match="no matching creation rules"):
        parse_store("sops:secrets.yaml").write({"a": VALUE})
    rules = age / ".sops.yaml"
    rules.write_text(f"{rules.read_text()}    encrypted_regex: ^never$\n")
    with pytest.raises(StoreError, match="leaves secrets unencrypted"):
        parse_store("sops:secrets.enc.yaml").write({"a": VALUE})

    assert [path.name for path in age.iterdir()] == [".sops.yaml"]


def test_the_page_about_git_holds(age: Path) -> None:
    """docs/sops.md from an empty folder: the commands as written, a second machine, and the hook that refuses plain secrets."""
    page = (ROOT / "docs/sops.md").read_text()
    recipient = (age / ".sops.yaml").read_text().partition("age: ")[2].strip()
    (age / ".sops.yaml").unlink()
    done = orthgen("init", "--yes", "--name", "Clinic", "--age", recipient, cwd=age, stdin="")
    assert done.returncode == 0, done.stderr

    once = page.partition("Then store the secrets")[2].partition("```sh\n")[2].partition("```")[0]
    for line in once.splitlines():
        command = line.partition("#")[0].split()
        if command[0] == "orthgen":
            done = orthgen(*command[1:], cwd=age)
            assert done.returncode == 0, done.stderr
        else:
            subprocess.run(command, cwd=age, check=True)
    staged = subprocess.run(
        ["git", "ls-files"], cwd=age, check=True, capture_output=True, text=True
    ).stdout.split()
    before = {path.name: path.read_text() for path in age.glob("deployment/clinic/secrets/[a-z]*")}
    shutil.rmtree(age / "deployment/clinic/secrets")
    again = page.partition("## On each machine")[2].partition("```sh\n")[2].partition("```")[0]
    done = orthgen(*again.split()[1:], cwd=age)

    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_text() for path in age.glob("deployment/clinic/secrets/[a-z]*")} == before
    assert staged == [".sops.yaml", "secrets.enc.yaml"]
    (hook,) = yaml.safe_load((age / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert yaml.safe_load(page.rpartition("```yaml\n")[2].partition("```")[0])["repos"][0]["hooks"] == [hook]
    (age / "plain.enc.yaml").write_text("smtp-password: not-encrypted\n")
    entry = shlex.split(hook["entry"])
    encrypted = subprocess.run([*entry, "secrets.enc.yaml"], cwd=age, capture_output=True, check=False)
    plain = subprocess.run(
        [*entry, "secrets.enc.yaml", "plain.enc.yaml"], cwd=age, capture_output=True, text=True, check=False
    )
    assert (encrypted.returncode, plain.returncode) == (0, 1)
    assert plain.stdout == "plain.enc.yaml is not encrypted\n"


@pytest.fixture
def password_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A real password store with a key of its own, below a short path: GnuPG's sockets have 108 characters."""
    with tempfile.TemporaryDirectory(prefix="gpg") as folder:
        home = Path(folder)
        monkeypatch.setenv("GNUPGHOME", folder)
        monkeypatch.setenv("PASSWORD_STORE_DIR", f"{folder}/store")
        gpg = [parts.command("gpg"), "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "pacs"]
        subprocess.run([*gpg, "future-default", "default", "never"], check=True, capture_output=True)
        subprocess.run([parts.command("pass"), "init", "pacs"], check=True, capture_output=True)
        yield home
        subprocess.run([parts.command("gpgconf"), "--kill", "all"], check=False)


def test_pass_reads_and_writes_entries(password_store: Path) -> None:
    """Values of one line and of several; notes below a value stay; an entry that is not there is missing."""
    store = parse_store("pass:hospital")

    empty = store.read(["a"])
    store.write({"a": VALUE, "tls-authority.key": PEM})
    note = f"{VALUE}\nurl: db.example\n"
    subprocess.run(
        [parts.command("pass"), "insert", "-m", "hospital/b"],
        input=note.encode(),
        check=True,
        capture_output=True,
    )
    store.write({"b": "another value"})
    shown = subprocess.run(
        [parts.command("pass"), "show", "hospital/b"], check=True, capture_output=True, text=True
    ).stdout

    assert empty == {}
    assert store.read(["a", "b", "c"]) == {"a": VALUE, "b": "another value"}
    assert store.read(["tls-authority.key"])["tls-authority.key"].strip() == PEM.strip()
    assert shown == "another value\nurl: db.example\n"
    shutil.rmtree(password_store / "private-keys-v1.d")
    subprocess.run([parts.command("gpgconf"), "--kill", "all"], check=True)
    with pytest.raises(StoreError, match="`pass show` failed"):
        store.read(["a"])


@pytest.fixture
def bao(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A development server of OpenBao on loopback, with its client on PATH."""
    program = parts.tool("openbao", "bao")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("BAO_ADDR", "http://127.0.0.1:8200")
    monkeypatch.setenv("BAO_TOKEN", "root")
    monkeypatch.setenv("HOME", str(tmp_path))
    server = Program(
        [str(program), "server", "-dev", "-dev-root-token-id=root", "-dev-no-store-token"],
        log=tmp_path / "bao.log",
        environment=os.environ,
    )
    server.wait_until(
        lambda: subprocess.run([program, "status"], capture_output=True, check=False).returncode == 0,
        seconds=120,
        what="OpenBao",
    )
    yield
    server.stop()


PROFILE = """
orthgen: 1
institution: {name: Clinic, url: http://localhost}
identity:
  sign-in: [accounts: {}]
  smtp: {host: mail.clinic.lan, sender: pacs@clinic.lan, user: pacs, password: {secret: smtp-password}}
roles: {staff: {can: [everything], collections: all}}
"""


@pytest.mark.usefixtures("bao")
def test_a_deployment_keeps_its_secrets_in_openbao(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored once, taken on another machine, an old name told; without a valid token nothing is read."""
    (tmp_path / "clinic.yaml").write_text(PROFILE)
    orthgen("render", "clinic.yaml", "--quiet", cwd=tmp_path)
    secrets = tmp_path / "deployment/clinic/secrets"
    (secrets / "smtp-password").write_text(VALUE)

    stored = orthgen("secrets", "clinic.yaml", "--to", "bao:secret/clinic", cwd=tmp_path)
    before = {path.name: path.read_text() for path in secrets.iterdir() if path.suffix != ".md"}
    parse_store("bao:secret/clinic").write({"old-password": VALUE})
    for name in set(before) - {".gitignore"}:
        (secrets / name).unlink()
    taken = orthgen("secrets", "clinic.yaml", "--from", "bao:secret/clinic", cwd=tmp_path)
    monkeypatch.setenv("BAO_TOKEN", "wrong")
    refused = orthgen("secrets", "clinic.yaml", "--from", "bao:secret/clinic", cwd=tmp_path)

    assert (stored.returncode, taken.returncode) == (0, 0), (stored, taken)
    assert {path.name: path.read_text() for path in secrets.iterdir() if path.suffix != ".md"} == before
    assert "- old-password  is in the store, and the profile does not need it" in taken.stdout
    assert refused.returncode == 1
    assert "permission denied" in refused.stderr
    assert "`bao login`" in refused.stderr
    assert not [value for value in before.values() if value in stored.stdout + taken.stdout + refused.stderr]


# Keeps its entries in a JSON file, and records each command line.
_STAND_IN = f"""#!{sys.executable} -SE
import json, os, sys
name, line = os.path.basename(sys.argv[0]), sys.argv[1:]
file = os.environ["STAND_IN"]
state = json.load(open(file)) if os.path.exists(file) else {{}}
lines = state.setdefault("lines", [])
lines.append([name, *line])
text = " ".join(line)
def after(word): return line[line.index(word) + 1]
def missing(reason):
    json.dump(state, open(file, "w")); sys.stderr.write(reason + chr(10)); sys.exit(2)
def stdin(): return sys.stdin.read()
if name == "vault":
    place = line[-1] if line[1] == "get" else line[-2]
    if line[1] == "put": state[place] = json.loads(stdin())
    elif place in state: print(json.dumps({{"data": {{"data": state[place], "metadata": {{}}}}}}))
    else: missing("No value found at " + place)
elif name == "aws":
    key = after("--secret-id") if "--secret-id" in line else after("--name")
    if line[1] == "create-secret": state[key] = stdin()
    elif key not in state: missing("An error occurred (ResourceNotFoundException) when calling the operation")
    elif line[1] == "put-secret-value": state[key] = stdin()
    else: print(json.dumps({{"SecretString": state[key]}}))
elif name == "op":
    key = after("--vault")
    if line[1] in ("create", "edit"): state[key] = json.loads(stdin())
    elif key in state: print(json.dumps(state[key]))
    else: missing('[ERROR] "Item" isn' + chr(39) + 't an item in the "Vault" vault')
elif name == "az":
    key = after("--name")
    if line[2] == "set": state[key] = stdin()
    elif key in state: print(json.dumps(state[key]))
    else: missing("ERROR: (SecretNotFound) A secret with (name/id) " + key + " was not found")
elif name == "gcloud":
    key = next((part.partition("=")[2] for part in line if part.startswith("--secret=")), line[2] if line[1] == "create" else line[3])
    if line[1] == "create": state[key] = stdin()
    elif key not in state: missing("ERROR: NOT_FOUND: Secret [" + key + "] not found")
    elif line[2] == "add": state[key] = stdin()
    else: sys.stdout.write(state[key])
elif name == "gopass":
    key = line[-1]
    if line[0] == "insert": state[key] = stdin()
    elif key in state: sys.stdout.write(state[key])
    else: missing("Error: " + key + " is not in the password store.")
json.dump(state, open(file, "w"))
"""

REFERENCES = {
    "vault": "vault:secret/orthanc",
    "op": "op://Hospital/orthanc",
    "gopass": "gopass:hospital/orthanc",
    "aws": "aws:hospital/orthanc",
    "az": "azure:hospital",
    "gcloud": "google:hospital-project",
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the stand-ins."""
    folder = tmp_path_factory.mktemp("programs")
    for name in REFERENCES:
        (folder / name).write_text(_STAND_IN)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def record(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the stand-ins keep entries and command lines."""
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN", str(tmp_path / "record.json"))
    return tmp_path / "record.json"


@pytest.mark.parametrize("reference", REFERENCES.values(), ids=REFERENCES)
def test_a_stand_in_gives_back_its_secrets_and_no_argument_holds_one(reference: str, record: Path) -> None:
    """An empty store has none; stored secrets come back; a second write adds to them and keeps the others."""
    store = parse_store(reference)

    assert store.read(["db-password"]) == {}
    store.write({"db-password": VALUE})
    store.write({"smtp-password": VALUE[::-1]})
    values = store.read(["db-password", "smtp-password"])

    assert {name: value.rstrip("\n") for name, value in values.items()} == {
        "db-password": VALUE,
        "smtp-password": VALUE[::-1],
    }
    lines = json.loads(record.read_text())["lines"]
    assert VALUE not in str(lines)
    assert VALUE[::-1] not in str(lines)
    assert any("orthanc" in str(line) or "hospital" in str(line) for line in lines)


def test_other_fields_of_an_item_stay(record: Path) -> None:
    """1Password: a field that is not concealed is no secret, and an edit keeps it."""
    note = {"id": "notesPlain", "label": "notesPlain", "type": "STRING", "value": "for radiology"}
    record.write_text(json.dumps({"Hospital": {"title": "orthanc", "fields": [note]}}))
    store = parse_store("op://Hospital/orthanc")

    store.write({"db-password": VALUE})

    assert store.read([]) == {"db-password": VALUE}
    assert json.loads(record.read_text())["Hospital"]["fields"][0] == note
