"""
The steps that `orthgen adopt` writes for the data of a deployment, carried out as they are written.

Real PostgreSQL 15, 17 and 18, real Orthanc with its PostgreSQL plugin, the shell, Docker Compose's own reading of the old file;
`docker exec` and `docker run` lead to these programs (tests/support/data_steps.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from orthgen.adoption.adopt import adopt
from orthgen.adoption.draft import NoteKind
from orthgen.observed.read import observe
from tests.support.data_steps import DataSteps
from tests.support.real import dicom

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.real.network import Network
    from tests.support.real.orthanc import RunningOrthanc

DATABASE = """\
  index:
    image: postgres:%d
    environment: {POSTGRES_USER: pacs, POSTGRES_DB: pacs, POSTGRES_PASSWORD: a-secret-word}
    volumes: ['index:/var/lib/postgresql/data']
"""
SIGN_IN = """\
  keycloak:
    image: quay.io/keycloak/keycloak:26.4.7
    environment: {KC_DB: postgres, KC_DB_URL_HOST: accounts, KC_DB_USERNAME: keycloak}
  accounts:
    image: postgres:%d
    environment: {POSTGRES_USER: keycloak, POSTGRES_DB: keycloak, POSTGRES_PASSWORD: another-secret-word}
    volumes: ['accounts:/var/lib/postgresql/data']
"""
ORTHANC = """\
services:
  archive:
    image: orthancteam/orthanc:24.12.0
    volumes: ['%s:/var/lib/orthanc/db', './orthanc.json:/etc/orthanc/orthanc.json:ro']
"""
VOLUMES = "volumes: {index: {}, accounts: {}, 'dicom-files': {}}\n"
ON_POSTGRESQL = """\
{"Name": "Old", "PostgreSQL": {"EnableIndex": true, "EnableStorage": %s, "Host": "index", "Database": "pacs", "Username": "pacs"}}
"""


@pytest.fixture
def steps(network: Network, tmp_path: Path) -> Iterator[DataSteps]:
    """Nothing runs yet."""
    bench = DataSteps(network, tmp_path)
    yield bench
    bench.close()


def notes(steps: DataSteps, compose: str, orthanc: str) -> dict[str, tuple[str, ...]]:
    """The commands of each note about data, by the beginning of its text, for a deployment in the folder OLD."""
    old = steps.folder / "OLD"
    old.mkdir()
    (old / "docker-compose.yml").write_text(compose)
    (old / "orthanc.json").write_text(orthanc)
    adoption = adopt(observe([str(old)]), "site.yaml")
    return {note.message: note.commands for note in adoption.notes if note.kind is NoteKind.DATA}


def note(found: dict[str, tuple[str, ...]], start: str) -> tuple[str, ...]:
    """The commands of the note that begins so."""
    (commands,) = (each for message, each in found.items() if message.startswith(start))
    return commands


def fill(orthanc: RunningOrthanc) -> dict[str, Any]:
    """Two studies with labels, an attachment and metadata; all of it."""
    for number in range(2):
        tags = {
            "PatientID": f"P{number}",
            "PatientName": f"Grüße^{number}",
            "SpecificCharacterSet": "ISO_IR 192",
        }
        study = dicom.upload(orthanc.url, dicom.study(2, **tags))[0].json()["ParentStudy"]
        for path, body in (
            (f"labels/label-{number}", b""),
            ("attachments/letter", b"a letter"),
            ("metadata/remark", b"a remark"),
        ):
            assert orthanc.request("PUT", f"/studies/{study}/{path}", body=body).status == 200
    return contents(orthanc)


def contents(orthanc: RunningOrthanc) -> dict[str, Any]:
    """The bytes of every instance, and the labels, attachment and metadata of every study."""
    files = {one: orthanc.request("GET", f"/instances/{one}/file") for one in orthanc.get("/instances")}
    assert {answer.status for answer in files.values()} == {200}
    studies = {}
    for study in orthanc.get("/studies"):
        extra = [f"/studies/{study}/attachments/letter/data", f"/studies/{study}/metadata/remark"]
        studies[study] = [orthanc.request("GET", path).body for path in extra]
    return {
        "files": {one: answer.body for one, answer in files.items()},
        "studies": studies,
        "labels": orthanc.study_labels(),
    }


# What Keycloak's tables have: names in any letters, a large object's text, sequences, a constraint between tables.
ACCOUNTS = """\
CREATE TABLE realm (id text PRIMARY KEY, name text NOT NULL);
CREATE TABLE user_entity (id serial PRIMARY KEY, realm_id text REFERENCES realm, username text, created timestamptz);
CREATE UNIQUE INDEX one_name ON user_entity (realm_id, lower(username));
INSERT INTO realm VALUES ('1', 'orthanc'), ('2', 'master');
INSERT INTO user_entity (realm_id, username, created) SELECT '1', 'Zoë ' || n, '2026-11-28 04:00+01' FROM generate_series(1, 500) n;
"""
ALL_ACCOUNTS = "SELECT r.name, u.* FROM user_entity u JOIN realm r ON r.id = realm_id ORDER BY u.id"
NEXT_ACCOUNT = "INSERT INTO user_entity (realm_id, username) VALUES ('1', 'new') RETURNING id"


@pytest.mark.parametrize("major", [15, 17])
def test_an_archive_on_postgresql_comes_along_and_back(steps: DataSteps, major: int) -> None:
    """
    Another major version, another user, a volume: studies, labels and Keycloak's tables are there afterwards.

    The old deployment is as it was, and starts again without the study that came meanwhile.
    """
    compose = ORTHANC % "dicom-files" + DATABASE % major + SIGN_IN % major + VOLUMES
    found = notes(steps, compose, ON_POSTGRESQL % "false")
    steps.start_old(database="index", volume="old_dicom-files", user="pacs", major=major, accounts="accounts")
    before = fill(steps.orthanc)
    old = steps.databases["old", "accounts"]
    old.sql(ACCOUNTS, database="keycloak", user="keycloak")
    accounts = old.sql(ALL_ACCOUNTS, database="keycloak", user="keycloak")
    for start in ("the beginning", "Orthanc's index", "Keycloak's accounts", "DICOM files", "the start"):
        steps.carry_out(note(found, start))

    new = steps.databases["new", "keycloak-db"]
    assert steps.runs == {"new"}
    assert contents(steps.orthanc) == before
    assert new.sql("SHOW server_version_num", database="keycloak", user="keycloak").startswith("18")
    assert accounts.count("\n") == 499
    assert new.sql(ALL_ACCOUNTS, database="keycloak", user="keycloak") == accounts
    assert new.sql(NEXT_ACCOUNT, database="keycloak", user="keycloak") == "501"
    dicom.upload(steps.orthanc.url, dicom.study(1))
    assert len(steps.orthanc.get("/studies")) == 3

    steps.carry_out(note(found, "the way back"))

    assert steps.runs == {"old"}
    assert contents(steps.orthanc) == before
    dicom.upload(steps.orthanc.url, dicom.study(1))


def test_an_archive_on_sqlite_comes_along_with_its_folder(steps: DataSteps) -> None:
    """The index is beside the files, in a folder of the host below the Compose file's own."""
    found = notes(steps, ORTHANC % "./files", '{"Name": "Old", "StorageDirectory": "/var/lib/orthanc/db"}\n')
    steps.start_old(volume="OLD/files")
    before = fill(steps.orthanc)
    for start in ("the beginning", "DICOM files", "the start"):
        steps.carry_out(note(found, start))

    assert steps.runs == {"new"}
    assert contents(steps.orthanc) == before
    dicom.upload(steps.orthanc.url, dicom.study(1))

    steps.carry_out(note(found, "the way back"))

    assert steps.runs == {"old"}
    assert contents(steps.orthanc) == before


def test_files_in_postgresql_are_sent_from_one_orthanc_to_the_other(steps: DataSteps) -> None:
    """Both run: studies arrive with their labels, attachments and metadata, and the new archive keeps files outside of PostgreSQL."""
    found = notes(steps, ORTHANC % "dicom-files" + DATABASE % 17 + VOLUMES, ON_POSTGRESQL % "true")
    steps.start_old(database="index", volume="old_dicom-files", user="pacs", has_files_in_database=True)
    before = fill(steps.orthanc)
    steps.start_new()
    steps.carry_out(note(found, "DICOM files are in PostgreSQL"))
    new = steps.orthancs["new"][1]

    assert contents(new) == before
    assert any(path.is_file() for path in (steps.folder / "minimal_orthanc-data/db").rglob("*"))

    steps.carry_out(note(found, "the start"))
    assert steps.runs == {"new"}
    steps.carry_out(note(found, "the way back"))

    assert steps.runs == {"old"}
    assert contents(steps.orthanc) == before
