"""`archive.storage`: the index and the DICOM files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import truth, whole_number
from orthgen.adoption.references import mounted_secret, note_secret, secret_reference
from orthgen.products.orthanc.bucket import AUTHORITIES, AUTHORITY_FILE
from orthgen.profile.files import Nfs

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.observed.service_model import Mount, Service

_STORAGE, _S3 = ("archive", "storage"), ("archive", "storage", "files", "s3")
_FILES = ("archive", "storage", "files")
_STORAGE_DIRECTORY = "/var/lib/orthanc/db"
_CONNECTIONS = 20
_OTHER_INDEXES = {"MySQL": "MySQL", "Odbc": "a database by ODBC"}
_OTHER_STORES = {"AzureBlobStorage": "Azure Blob Storage", "GoogleCloudStorage": "Google Cloud Storage"}


def state_storage(original: OriginalDeployment, draft: Draft) -> None:
    """State the database and where DICOM files are."""
    if original.orthanc is None:
        return
    _state_index(original, draft)
    _state_bucket(original, draft)
    _state_folder(original, draft)
    for section, name in _OTHER_STORES.items():
        if original.settings.has(section):
            draft.note(
                NoteKind.LEFT_OUT,
                f"DICOM files are in {name}",
                "the profile knows S3 and volumes: move the files before, or keep this Orthanc",
                original.at(section),
            )


def uses_postgresql(original: OriginalDeployment) -> bool:
    """Whether the index is in PostgreSQL; the image enables the plugin by its section, its index by default."""
    return (
        original.settings.has("PostgreSQL") and truth(original.get("PostgreSQL", "EnableIndex")) is not False
    )


def _state_index(original: OriginalDeployment, draft: Draft) -> None:
    if not uses_postgresql(original):
        other = next((section for section in _OTHER_INDEXES if original.settings.has(section)), None)
        if other is not None:
            draft.note(
                NoteKind.DATA,
                f"the index is in {_OTHER_INDEXES[other]}",
                "the profile knows PostgreSQL and SQLite: send every study from this Orthanc to the new deployment "
                "(docs/move-in.md)",
                original.at(other),
            )
            return
        places = [original.at("StorageDirectory")] if original.settings.has("StorageDirectory") else []
        draft.state((*_STORAGE, "database"), "sqlite", *places, remark="no other index is configured")
        return
    draft.state((*_STORAGE, "database"), "postgresql", original.at("PostgreSQL"))
    key = ("PostgreSQL", "IndexConnectionsCount")
    connections = whole_number(original.get(*key))
    if connections is not None and connections != _CONNECTIONS:
        draft.state((*_STORAGE, "connections"), connections, original.at(*key))


def _state_folder(original: OriginalDeployment, draft: Draft) -> None:
    """
    State a folder of the host, or of a file server, that holds the DICOM files.

    An index in SQLite is in that folder too, and a copy of both is the way back; so such a folder is not taken over. Beside a
    bucket, a folder holds no DICOM files.
    """
    service = original.orthanc_service
    if (
        service is None
        or original.settings.has("AwsS3Storage")
        or not (uses_postgresql(original) or original.is_rendered)
    ):
        return
    folder = storage_directory(original)
    mount = mount_of(service, folder)
    if mount is None or mount.target.rstrip("/") != folder:
        return
    if mount.kind == "bind" and mount.source.startswith("/"):
        draft.state((*_FILES, "path"), mount.source.rstrip("/"), mount.location)
    elif mount.kind == "volume":
        _state_export(original, draft, mount.source)


def _state_export(original: OriginalDeployment, draft: Draft, volume: str) -> None:
    path = ("volumes", volume, "driver_opts")
    options = original.deployment.compose.get(*path)
    if not isinstance(options, dict) or not str(options.get("type", "")).startswith("nfs"):
        return
    place = original.deployment.compose.locate(path)
    words = [word for word in str(options.get("o", "")).split(",") if word not in {"", "rw"}]
    server = next((word.removeprefix("addr=") for word in words if word.startswith("addr=")), "")
    device = str(options.get("device", ""))
    draft.state((*_FILES, "nfs", "server"), server or device.partition(":")[0], place)
    draft.state((*_FILES, "nfs", "path"), device.partition(":")[2], place)
    others = ",".join(word for word in words if not word.startswith("addr="))
    if others and others != Nfs.model_fields["options"].default:
        draft.state((*_FILES, "nfs", "options"), others, place)


def storage_directory(original: OriginalDeployment) -> str:
    """Orthanc's folder of DICOM files in its container."""
    return str(original.get("StorageDirectory") or _STORAGE_DIRECTORY).rstrip("/")


def mount_of(service: Service, folder: str) -> Mount | None:
    """The mount that keeps a folder of a container."""
    covering = [
        mount
        for mount in service.mounts
        if mount.kind in {"bind", "volume"}
        and f"{folder.rstrip('/')}/".startswith(f"{mount.target.rstrip('/')}/")
    ]
    return max(covering, key=lambda mount: len(mount.target), default=None)


def _state_bucket(original: OriginalDeployment, draft: Draft) -> None:
    section = "AwsS3Storage"
    if not original.settings.has(section):
        return
    for name, key in (("bucket", "BucketName"), ("region", "Region")):
        value = original.get(section, key)
        if isinstance(value, str):
            draft.state((*_S3, name), value, original.at(section, key))
        else:
            draft.fill_in(
                (*_S3, name), f"the {name} that holds the DICOM files", original.at(section), stand_in="name"
            )
    if isinstance(endpoint := original.get(section, "Endpoint"), str):
        draft.state((*_S3, "endpoint"), endpoint, original.at(section, "Endpoint"))
        if endpoint.startswith("https://"):
            _state_authority(original, draft)
    for name, key in (("access-key", "AccessKey"), ("secret-key", "SecretKey")):
        secret_reference(original, draft, (*_S3, name), (section, key), f"s3-{name}")
    if truth(original.get(section, "VirtualAddressing")) is False:
        draft.state((*_S3, "path-style"), True, original.at(section, "VirtualAddressing"))
    encryption = original.get(section, "StorageEncryption")
    # The plugin's default of `Enable` is true (2.5.4).
    if isinstance(encryption, dict) and truth(encryption.get("Enable", True)) is not False:
        _state_keys(original, draft, encryption)


def _state_authority(original: OriginalDeployment, draft: Draft) -> None:
    """State the authority of the bucket's certificate: a file that is mounted where Orthanc reads the authorities."""
    service, path = original.orthanc_service, original.get("HttpsCACertificates")
    place = AUTHORITY_FILE if path == AUTHORITIES else path
    mounts = service.mounts if service is not None else ()
    mount = next((each for each in mounts if each.target == place and each.source), None)
    if mount is not None:
        file, location = original.secret_file(mount.source) or (mount.source, mount.location)
        draft.state((*_S3, "authority"), file, location)


def _state_keys(original: OriginalDeployment, draft: Draft, encryption: dict[str, Any]) -> None:
    """State the master keys, each with its number; their files become secrets."""
    place = original.at("AwsS3Storage", "StorageEncryption")
    previous = encryption.get("PreviousMasterKeys")
    pairs = [encryption.get("MasterKey"), *(previous if isinstance(previous, list) else [])]
    keys = []
    for pair in pairs:
        number = whole_number(pair[0]) if isinstance(pair, list) and len(pair) == 2 else None
        if number is None:
            continue
        mounted = mounted_secret(original.orthanc_service, str(number))
        name = mounted or f"s3-master-key-{number}"
        keys.append({"number": number, "key": {"secret": name}})
        if mounted is None:
            note_secret(
                draft, name, f"the content of `{pair[1]}`, without which nobody can read the bucket,", place
            )
    if keys:
        path = (*_S3, "encryption")
        draft.state((*path, "number"), keys[0]["number"], place)
        draft.state((*path, "key"), keys[0]["key"], place)
        if keys[1:]:
            draft.state((*path, "previous"), keys[1:], place)
