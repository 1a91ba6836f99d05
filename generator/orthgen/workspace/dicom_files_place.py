"""The place of the DICOM files, as the manifest keeps it: with another one Orthanc's index names files that it cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from orthgen.profile.files import S3, Files


_BUCKET = "the bucket"


def place_of(files: Files) -> str:
    """The place in words. The way to it is no part of it: options of a mount, scheme and port of a service."""
    if files.path is not None:
        return f"the folder `{files.path}`"
    if files.nfs is not None:
        return f"the folder `{files.nfs.path}` of `{files.nfs.server}`"
    if files.s3 is not None:
        return f"{_BUCKET} `{files.s3.bucket}` at {_service(files.s3)}"
    return "a volume of the deployment"


def how_to_move(before: str, now: str) -> str:
    """The remedy for another place, in a clause: a bucket has other names of files than a folder, so a copy is not enough."""
    if before.startswith(_BUCKET) == now.startswith(_BUCKET):
        return "copy them there first, while Orthanc is stopped"
    return "send every study to a deployment that stores them there (docs/move-in.md)"


def _service(s3: S3) -> str:
    return urlsplit(s3.url).hostname or s3.url


def key_numbers(files: Files) -> tuple[str, ...]:
    """The numbers of the master keys; none where the files are not encrypted."""
    encryption = files.s3.encryption if files.s3 is not None else None
    if encryption is None:
        return ()
    return tuple(str(key.number) for key in encryption.keys)
