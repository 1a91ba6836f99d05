"""Memory and threads of Orthanc, derived from the limits of its container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.formats.commented_json import Commented
from orthgen.profile.memory import megabytes_of

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

# Orthanc's own defaults (1.13.0, in MB) add up to 1.8 GB; they suit a container of 4 GB, and grow and shrink
# with it. Below a quarter of them single studies would crawl: no profile gives Orthanc less than 1 GB.
_SIZED_FOR = 4096
_MEMORY = {
    "StorageMemoryCapacity": 512,
    "DicomParserMemoryCapacity": 256,
    "DicomParserCacheSize": 256,
    "TranscoderMemoryCapacity": 256,
    "TranscoderCacheSize": 256,
    "SequentialDicomReaderWindowCapacity": 128,
}
_STORAGE_CACHE = 128


def performance_settings(deployment: Deployment, memory: str) -> dict[str, Any]:
    """Sizes in MB and numbers of threads for a container with `memory`. Orthanc 1.13.0 warns of each that is not set."""
    share = megabytes_of(memory) / _SIZED_FOR
    settings: dict[str, Any] = {
        "ConcurrentJobs": Commented(
            2, f"Numbers of threads, and sizes in MB for a container with {memory} of memory."
        ),
        "HttpThreadsCount": 50,
        "MaximumStorageCacheSize": int(_STORAGE_CACHE * share),
    }
    if deployment.release.has_component("orthanc", "1.13.0"):
        # A disk does not get faster beyond 4; an object store answers many at once.
        threads = 4 if deployment.profile.archive.storage.files.s3 is None else 20
        settings["StorageLoaderThreadsCount"] = threads
        settings["SequentialDicomReaderThreadsCount"] = threads
        settings["SequentialDicomReaderWindowSize"] = 4
        settings.update({key: int(size * share) for key, size in _MEMORY.items()})
    return settings
