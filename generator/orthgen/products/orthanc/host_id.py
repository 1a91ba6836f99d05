"""
orthanc/hostid: the number that tells this Orthanc's new DICOM identifiers from those of another.

The image would draw one at each new start and write it to its root, which is read-only. Drawn from the
origin instead, it is the same at each render and another one for each deployment.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from orthgen.products.artifact import Artifact

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

HOST_ID_PATH = "orthanc/hostid"


def host_id_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """Text of eight characters: gethostid reads the first four bytes of the file, whatever they are (glibc)."""
    digest = hashlib.sha256(deployment.origin.url.encode()).digest()
    return (Artifact(HOST_ID_PATH, base64.urlsafe_b64encode(digest)[:8].decode() + "\n"),)
