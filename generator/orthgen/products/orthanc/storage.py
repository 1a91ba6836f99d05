"""Storage of Orthanc's index and files: the PostgreSQL and AwsS3Storage sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.commented_json import Commented
from orthgen.products.external_database import PASSFILE
from orthgen.products.orthanc.bucket import KEYS

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.profile.files import S3, MasterKey


def postgresql_section(deployment: Deployment) -> dict[str, Any]:
    """The index in PostgreSQL. The password is a secret of the container, never here."""
    section: dict[str, Any] = {
        "EnableIndex": True,
        "EnableStorage": Commented(
            False,
            "The database holds the index; DICOM files stay files, or objects in S3.",
        ),
        **_connection(deployment),
        "Lock": _lock(deployment),
        # The whole budget of one Orthanc: files are not kept in the database, so nothing else opens a connection.
        "IndexConnectionsCount": deployment.profile.archive.storage.connections,
        "TransactionMode": "ReadCommitted",
        "MaximumConnectionRetries": Commented(
            20, "After a restart of the host Orthanc waits for the database: 20 times 5 seconds."
        ),
        "ConnectionRetryInterval": 5,
        "EnableVerboseLogs": False,
    }
    if deployment.external_index is None and deployment.release.has_component("postgresql", "10.0"):
        section["ApplicationName"] = naming.ORTHANC
    return section


def _lock(deployment: Deployment) -> Commented:
    if deployment.readers:
        return Commented(False, "The readers use the same database. Only the ingest node writes to it.")
    return Commented(True, "A second Orthanc that is started on this database by mistake stops at once.")


def _connection(deployment: Deployment) -> dict[str, Any]:
    external = deployment.external_index
    if external is None:
        return {
            "Host": naming.ORTHANC_DB,
            "Port": naming.PORTS[naming.ORTHANC_DB],
            "Database": naming.ORTHANC_DATABASE,
            "Username": naming.ORTHANC_DATABASE,
            "EnableSsl": Commented(
                False,
                "Only Orthanc and the database are on their network.",
            ),
        }
    # `EnableSsl` is libpq's `require`, which checks no certificate (plugin 10.3, PostgreSQLParameters.cpp). With a URI the
    # plugin reads neither a password nor a name of the application from other keys.
    uri = external.uri(passfile=PASSFILE, connect_timeout="10", application_name=naming.ORTHANC)
    return {
        "ConnectionUri": Commented(
            uri,
            "The URI holds no password: libpq reads it from a file that the start script makes of a secret.",
        )
    }


def s3_section(s3: S3) -> dict[str, Any]:
    """The DICOM files in a bucket. Both keys are secrets of the container, never here."""
    section: dict[str, Any] = {"BucketName": s3.bucket, "Region": s3.region}
    if s3.endpoint is not None:
        section["Endpoint"] = s3.endpoint
    section["VirtualAddressing"] = not s3.path_style
    if s3.encryption is not None:
        section["StorageEncryption"] = Commented(
            {
                "Enable": True,
                "MasterKey": _numbered_file(s3.encryption),
                "PreviousMasterKeys": [_numbered_file(key) for key in s3.encryption.previous],
            },
            "Each file is encrypted before it leaves Orthanc. Without these keys nobody can read the bucket.",
        )
    return section


def _numbered_file(key: MasterKey) -> list[int | str]:
    return [key.number, f"{KEYS}/{key.number}"]
