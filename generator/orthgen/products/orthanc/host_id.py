"""
orthanc/hostid: the number that tells this Orthanc's new DICOM identifiers from those of another.

The image would draw one at each new start and write it to its root, which is read-only. Drawn from the
origin instead, it is the same at each render and another one for each deployment.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.products.artifact import Artifact

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment


def host_id_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """Text of eight characters: gethostid reads the first four bytes of the file, whatever they are (glibc)."""
    # In a cluster each pod of the readers has a number of its own from Kubernetes.
    names = deployment.orthancs if deployment.kubernetes is None else (naming.ORTHANC,)
    return tuple(_host_id_file(deployment, name) for name in names)


def _host_id_file(deployment: Deployment, name: str) -> Artifact:
    source = deployment.origin.url if name == naming.ORTHANC else f"{deployment.origin.url} {name}"
    digest = hashlib.sha256(source.encode()).digest()
    return Artifact(host_id_path(name), base64.urlsafe_b64encode(digest)[:8].decode() + "\n")


def host_id_path(name: str) -> str:
    """The file of an Orthanc. Two Orthancs that make UIDs from one number could make the same one."""
    return "orthanc/hostid" if name == naming.ORTHANC else f"orthanc/hostid-{name}"
