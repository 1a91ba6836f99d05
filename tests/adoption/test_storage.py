"""Storage of an existing deployment that stays where it is: a folder of the host, a file server, a database outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthgen.adoption.adopt import adopt
from orthgen.formats.yaml_io import parse_yaml
from orthgen.observed.read import observe_texts

if TYPE_CHECKING:
    from orthgen.adoption.adopt import Adoption

COMPOSE = """\
services:
  orthanc:
    image: orthancteam/orthanc:26.4.2
    volumes: ['%s:/var/lib/orthanc/db', './orthanc.json:/etc/orthanc/orthanc.json:ro']
volumes:
  dicom:
    driver_opts: {type: nfs4, o: 'addr=10.1.2.3,rw,nolock', device: ':/export/dicom'}
"""
INDEX = '{"Name": "Old", "PostgreSQL": {"EnableIndex": true, %s}}\n'
SECRET = "a-word-of-nobody"


def adopted(source: str, index: str) -> Adoption:
    """The adoption of an Orthanc with these files and this index."""
    texts = {"docker-compose.yml": COMPOSE % source, "orthanc.json": INDEX % index}
    adoption = adopt(observe_texts(texts), "site.yaml")
    assert SECRET not in adoption.text + str(adoption.notes)
    return adoption


@pytest.mark.parametrize(
    ("source", "files"),
    [
        ("/srv/pacs", {"path": "/srv/pacs"}),
        ("dicom", {"nfs": {"server": "10.1.2.3", "path": "/export/dicom", "options": "nolock"}}),
    ],
)
def test_files_stay_where_they_are(source: str, files: dict[str, object]) -> None:
    """Nothing is copied; the owner and the mark are what the new deployment needs."""
    adoption = adopted(source, f'"Host": "db.example.org", "EnableSsl": true, "Password": "{SECRET}"')
    storage = parse_yaml(adoption.text, "site.yaml")[0].value["archive"]["storage"]
    notes = {note.message: note.commands for note in adoption.notes}

    assert storage["files"] == files
    commands = notes[f"DICOM files are in `{source}`, and stay there"]
    assert commands == (
        ("chown -R 999:999 /srv/pacs", "touch /srv/pacs/.orthgen-storage") if "path" in files else ()
    )


@pytest.mark.parametrize(
    ("index", "keys"),
    [
        pytest.param(
            f'"Host": "db.example.org", "EnableSsl": true, "Username": "pacs", "Password": "{SECRET}"',
            {"database": "postgres", "user": "pacs", "authority": None},
            id="keys",
        ),
        pytest.param(
            f'"ConnectionUri": "postgresql://pacs:{SECRET}@db.example.org:5433/index?sslmode=prefer"',
            {"port": "5433", "database": "index", "user": "pacs", "encryption": "none"},
            id="URI",
        ),
    ],
)
def test_a_database_outside_stays_there(index: str, keys: dict[str, object]) -> None:
    """The password becomes a reference, and an unchecked certificate needs its authority."""
    storage = parse_yaml(adopted("/srv/pacs", index).text, "site.yaml")[0].value["archive"]["storage"]

    server = storage["postgresql"]
    assert server.pop("password") == {"secret": "orthanc-db-password"}
    assert server == {"host": "db.example.org", **keys}


def test_the_authority_of_a_bucket_is_the_file_behind_orthancs() -> None:
    """The mounted file is named, and no setting is left for the new deployment, which mounts it itself."""
    texts = {
        "docker-compose.yml": """\
services:
  orthanc:
    image: orthancteam/orthanc:26.4.2
    volumes: ['/etc/ssl/clinic.pem:/etc/trusted.pem:ro', './orthanc.json:/etc/orthanc/orthanc.json:ro']
""",
        "orthanc.json": """\
{"Name": "Old", "PostgreSQL": {"EnableIndex": true}, "HttpsCACertificates": "/etc/trusted.pem",
 "AwsS3Storage": {"BucketName": "studies", "Region": "r", "Endpoint": "https://s3.example.org"}}
""",
    }
    adoption = adopt(observe_texts(texts), "site.yaml")
    archive = parse_yaml(adoption.text, "site.yaml")[0].value["archive"]

    assert archive["storage"]["files"]["s3"]["authority"] == "/etc/ssl/clinic.pem"
    assert "settings" not in archive
    assert not [note for note in adoption.notes if "HttpsCACertificates" in note.message]


def test_the_keys_of_a_bucket_are_secrets_and_its_limit_is_kept() -> None:
    """Each key is noted once, as a secret, and nothing of the encryption is left out. A folder of the host has no files then."""
    index = (
        '"EnableSsl": true}, "AwsS3Storage": {"BucketName": "studies", "Region": "r", "StorageEncryption": '
        '{"Enable": true, "MasterKey": [2, "/etc/keys/2"], "PreviousMasterKeys": [[1, "/etc/keys/1"]], "MaxConcurrentInputSize": 3000}'
    )
    adoption = adopted("/srv/pacs", index)
    archive = parse_yaml(adoption.text, "site.yaml")[0].value["archive"]

    assert archive["storage"]["files"]["s3"]["encryption"] == {
        "number": "2",
        "key": {"secret": "s3-master-key-2"},
        "previous": [{"number": "1", "key": {"secret": "s3-master-key-1"}}],
    }
    assert archive["settings"] == {"AwsS3Storage": {"StorageEncryption": {"MaxConcurrentInputSize": "3000"}}}
    about = [note for note in adoption.notes if "key-" in note.message or "Encryption" in note.message]
    assert {note.kind.value for note in about} == {"secret"}
