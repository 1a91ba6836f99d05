"""`archive.storage`: the index and the DICOM files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import truth, whole_number
from orthgen.adoption.references import secret_reference

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.subject import Subject

_STORAGE, _S3 = ("archive", "storage"), ("archive", "storage", "files", "s3")
_CONNECTIONS = 20
_OTHER_INDEXES = {"MySQL": "MySQL", "Odbc": "a database by ODBC"}
_OTHER_STORES = {"AzureBlobStorage": "Azure Blob Storage", "GoogleCloudStorage": "Google Cloud Storage"}


def state_storage(subject: Subject, draft: Draft) -> None:
    """State the database and where DICOM files are."""
    if subject.orthanc is None:
        return
    _state_index(subject, draft)
    _state_bucket(subject, draft)
    for section, name in _OTHER_STORES.items():
        if subject.settings.has(section):
            draft.note(
                NoteKind.LEFT_OUT,
                f"DICOM files are in {name}",
                "the profile knows S3 and volumes: move the files before, or keep this Orthanc",
                subject.at(section),
            )


def uses_postgresql(subject: Subject) -> bool:
    """Whether the index is in PostgreSQL; the image enables the plugin by its section, its index by default."""
    return subject.settings.has("PostgreSQL") and truth(subject.get("PostgreSQL", "EnableIndex")) is not False


def _state_index(subject: Subject, draft: Draft) -> None:
    if not uses_postgresql(subject):
        other = next((section for section in _OTHER_INDEXES if subject.settings.has(section)), None)
        if other is not None:
            draft.note(
                NoteKind.DATA,
                f"the index is in {_OTHER_INDEXES[other]}",
                "the profile knows PostgreSQL and SQLite: the new index is made by sending every study again, from this "
                "Orthanc to the new one (`/peers/…/store`, or the plugin Transfers)",
                subject.at(other),
            )
            return
        places = [subject.at("StorageDirectory")] if subject.settings.has("StorageDirectory") else []
        draft.state((*_STORAGE, "database"), "sqlite", *places, remark="no other index is configured")
        return
    draft.state((*_STORAGE, "database"), "postgresql", subject.at("PostgreSQL"))
    key = ("PostgreSQL", "IndexConnectionsCount")
    connections = whole_number(subject.get(*key))
    if connections is not None and connections != _CONNECTIONS:
        draft.state((*_STORAGE, "connections"), connections, subject.at(*key))


def _state_bucket(subject: Subject, draft: Draft) -> None:
    section = "AwsS3Storage"
    if not subject.settings.has(section):
        return
    for name, key in (("bucket", "BucketName"), ("region", "Region")):
        value = subject.get(section, key)
        if isinstance(value, str):
            draft.state((*_S3, name), value, subject.at(section, key))
        else:
            draft.fill_in(
                (*_S3, name), f"the {name} that holds the DICOM files", subject.at(section), stand_in="name"
            )
    if isinstance(endpoint := subject.get(section, "Endpoint"), str):
        draft.state((*_S3, "endpoint"), endpoint, subject.at(section, "Endpoint"))
    for name, key in (("access-key", "AccessKey"), ("secret-key", "SecretKey")):
        secret_reference(subject, draft, (*_S3, name), (section, key), f"s3-{name}")
    if truth(subject.get(section, "VirtualAddressing")) is False:
        draft.state((*_S3, "path-style"), True, subject.at(section, "VirtualAddressing"))
    if truth(subject.get(section, "StorageEncryption", "Enable")):
        draft.note(
            NoteKind.LEFT_OUT,
            "files in the bucket are encrypted by Orthanc's plugin",
            "without its master keys the new Orthanc cannot read them: the profile has no word for them yet",
            subject.at(section, "StorageEncryption"),
        )
