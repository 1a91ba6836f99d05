"""The DicomWeb section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment


def dicomweb_section(deployment: Deployment) -> dict[str, Any]:
    """DICOMweb below its literal root; public URLs follow the proxy's `Forwarded` header and `PublicRoot`."""
    return {
        "Enable": True,
        "Root": naming.DICOMWEB_ROOT,
        "PublicRoot": deployment.addresses.dicomweb_path,
        # WADO-URI names no resource in its path, so the authorization plugin cannot check it; nothing here uses it.
        "EnableWado": False,
        # Viewers ask for the metadata of whole series; the cache answers again without reading every file.
        "SeriesMetadata": "Full",
        "StudiesMetadata": "Full",
        "EnableMetadataCache": True,
        "MetadataWorkerThreadsCount": 4,
        "WadoRsLoaderThreadsCount": 4,
    }
