"""Where Orthanc keeps its index and its files: the PostgreSQL and AwsS3Storage sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.deployment import naming
from generator.documents.orthanc.versions import component

if TYPE_CHECKING:
    from generator.deployment.model import Deployment
    from generator.profile.archive import S3


def postgresql_section(deployment: Deployment) -> dict[str, Any]:
    """The index in PostgreSQL. The password is a secret of the container, never here."""
    section: dict[str, Any] = {
        "EnableIndex": True,
        # The DICOM files stay files (or objects in S3).
        "EnableStorage": False,
        "Host": naming.ORTHANC_DB,
        "Port": naming.PORTS[naming.ORTHANC_DB],
        "Database": naming.ORTHANC_DATABASE,
        "Username": naming.ORTHANC_DATABASE,
        # The database is reachable on an internal network of two members only.
        "EnableSsl": False,
        # One Orthanc writes to this database; a second one by mistake has to stop instead of corrupting it.
        "Lock": True,
        "IndexConnectionsCount": deployment.profile.archive.storage.connections,
        "TransactionMode": "ReadCommitted",
        # The database may need a while after a restart of the host.
        "MaximumConnectionRetries": 20,
        "ConnectionRetryInterval": 5,
        "EnableVerboseLogs": False,
    }
    if component(deployment, "postgresql") >= (10, 0):
        section["ApplicationName"] = naming.ORTHANC
    return section


def s3_section(s3: S3) -> dict[str, Any]:
    """The DICOM files in a bucket. Both keys are secrets of the container, never here."""
    section: dict[str, Any] = {"BucketName": s3.bucket, "Region": s3.region}
    if s3.endpoint is not None:
        section["Endpoint"] = s3.endpoint
    section["VirtualAddressing"] = not s3.path_style
    return section
