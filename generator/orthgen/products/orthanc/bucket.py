"""The script that checks the keys of a bucket before Orthanc starts, and lets Orthanc trust the authority of its service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.products.script import script

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact
    from orthgen.profile.files import S3

BUCKET_PATH = "orthanc/bucket.sh"

# The folder of master keys in the container, and the certificate of the authority.
KEYS = "/run/storage-keys"
AUTHORITY_FILE = "/run/bucket/authority.pem"

# The file that BUCKET_PATH makes of the system's authorities and that one, in the container's memory.
AUTHORITIES = "/tmp/authorities.pem"  # noqa: S108 - the container's own

_AUTHORITY_SECRET = "bucket-authority"  # noqa: S105 - a name


def has_bucket_script(deployment: Deployment) -> bool:
    """Whether something has to be checked or made before Orthanc starts."""
    s3 = deployment.profile.archive.storage.files.s3
    return s3 is not None and (s3.encryption is not None or s3.authority is not None)


def bucket_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The script, where the bucket has keys or an authority."""
    return (script(BUCKET_PATH, deployment.source),) if has_bucket_script(deployment) else ()


def bucket_authority(deployment: Deployment) -> dict[str, str]:
    """The name of the secret that stands for the authority's certificate, and its path on the host; empty without one."""
    s3 = deployment.profile.archive.storage.files.s3
    return {} if s3 is None or s3.authority is None else {_AUTHORITY_SECRET: s3.authority}


def bucket_mounts(s3: S3) -> tuple[tuple[str, str], ...]:
    """The secrets of the master keys and of the authority, and their files in the container."""
    keys = master_keys(s3)
    return keys if s3.authority is None else (*keys, (_AUTHORITY_SECRET, AUTHORITY_FILE))


def master_keys(s3: S3) -> tuple[tuple[str, str], ...]:
    """The secrets of the master keys, and their files in the container."""
    if s3.encryption is None:
        return ()
    return tuple((key.key.secret, f"{KEYS}/{key.number}") for key in s3.encryption.keys)
