"""Orthanc's own files: orthanc.json, the Lua script of the collections, and what its container needs beside them."""

from __future__ import annotations

from generator.documents.orthanc.files import (
    orthanc_environment,
    orthanc_files,
    orthanc_secrets,
    orthanc_settings,
)

__all__ = ["orthanc_environment", "orthanc_files", "orthanc_secrets", "orthanc_settings"]
