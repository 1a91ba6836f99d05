"""The DicomWeb section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.commented_json import Commented

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment


def dicomweb_section(deployment: Deployment) -> dict[str, Any]:
    """DICOMweb below its literal root; public URLs follow the proxy's `Forwarded` header and `PublicRoot`."""
    return {
        "Enable": True,
        "Root": naming.DICOMWEB_ROOT,
        "PublicRoot": deployment.addresses.dicomweb_path,
        "EnableWado": Commented(
            False,
            "WADO-URI names no study in its path, so the authorization plugin cannot check it. No viewer here uses it.",
        ),
        "SeriesMetadata": Commented(
            "Full",
            "Viewers ask for the metadata of whole series. The cache answers without reading each file again.",
        ),
        "StudiesMetadata": "Full",
        "EnableMetadataCache": True,
        "MetadataWorkerThreadsCount": 4,
        "WadoRsLoaderThreadsCount": 4,
    }
