"""
orthanc/reader.json: the settings of the readers.

They are the settings of the ingest node, except for what a reader does not do. So both nodes decide on requests alike, find the
same files, and know the same tags.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from orthgen.formats.commented_json import Commented
from orthgen.formats.merging import merged
from orthgen.products.orthanc.performance import performance_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.deployment.model import Deployment

READER_PATH = "orthanc/reader.json"

IDENTIFIER_VARIABLE = "ORTHANC__DATABASE_SERVER_IDENTIFIER"
"""The variable in which each reader has its own `DatabaseServerIdentifier` (orthancteam/orthanc 25.8 to 26.8)."""

SHARED_DATA = "/srv/orthanc"
"""The place of the ingest node's volume in a reader. Its own place is the reader's, for archives that it builds."""

# Settings that a reader has otherwise, and parts that write or wait for the events of the Orthanc that stores.
_INGEST_ONLY = (
    "DatabaseServerIdentifier",
    "LuaScripts",
    "PythonScript",
    "MultitenantDicom",
    "Worklists",
    "Housekeeper",
    "DelayedDeletion",
)


def reader_settings(deployment: Deployment, ingest: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a reader, from those of the ingest node."""
    raw = deployment.profile.archive.settings
    sizes = performance_settings(deployment, deployment.reader_memory)
    own: dict[str, Any] = {
        "StorageDirectory": shared_storage(deployment),
        "SaveJobs": False,
        "DicomServerEnabled": False,
        **{name: value for name, value in sizes.items() if name not in raw},
    }
    shared = {name: value for name, value in ingest.items() if name not in _INGEST_ONLY}
    reason = (
        "A reader changes neither the database nor the files, and does not start on a database of another schema: after an "
        "upgrade it waits for the ingest node."
    )
    settings: dict[str, Any] = {"ReadOnly": Commented(True, reason), **merged(shared, own)}
    return settings


def shared_storage(deployment: Deployment) -> str:
    """The folder in which a reader finds the DICOM files."""
    image, files = deployment.release.image("orthanc"), deployment.profile.archive.storage.files
    storage = image.paths["storage"]
    if files.model_fields_set or image.volume is None:
        return storage
    return str(PurePosixPath(SHARED_DATA) / PurePosixPath(storage).relative_to(image.volume))
