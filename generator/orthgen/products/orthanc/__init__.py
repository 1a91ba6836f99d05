"""Orthanc's own files: orthanc.json, the Lua script of the collections, the container's environment."""

from __future__ import annotations

from orthgen.products.orthanc.bucket import BUCKET_PATH, bucket_authority, bucket_files, has_bucket_script
from orthgen.products.orthanc.files import (
    key_secrets,
    orthanc_environment,
    orthanc_files,
    orthanc_mounts,
    orthanc_secrets,
    orthanc_settings,
    reader_mounts,
    typed_secrets,
)
from orthgen.products.orthanc.inbox import inbox_answers

__all__ = [
    "BUCKET_PATH",
    "bucket_authority",
    "bucket_files",
    "has_bucket_script",
    "inbox_answers",
    "key_secrets",
    "orthanc_environment",
    "orthanc_files",
    "orthanc_mounts",
    "orthanc_secrets",
    "orthanc_settings",
    "reader_mounts",
    "typed_secrets",
]
