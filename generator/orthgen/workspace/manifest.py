"""
Manifest of a deployment's folder: the digest of each rendered file, and the provenance.

Anybody can edit the file in the folder, so it is read like every other input: each fault is an error with a remedy,
and no path in it leads out of the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.errors import OrthgenError, system_reason
from orthgen.products.artifact import Artifact
from orthgen.workspace.folder import other_owner_error
from orthgen.workspace.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MANIFEST = ".orthgen/manifest.json"

_DIGEST = r"sha256:[0-9a-f]{64}"
# Linux: 255 bytes for a name, 4,096 for a path, which begins with the folder's.
_MAX_NAME_BYTES, _MAX_PATH_BYTES = 255, 1024


def digest(data: bytes) -> str:
    """The file's sha256 with a prefix, so that no secret scanner reports it as a key."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Manifest(Struct, frozen=True):
    """Digests of the rendered files by path, and their provenance."""

    files: Mapping[str, str] = {}
    provenance: Provenance | None = None


def manifest_of(artifacts: Iterable[Artifact], provenance: Provenance | None) -> Artifact:
    """The manifest that describes `artifacts`."""
    ordered = sorted(artifacts, key=lambda item: item.path)
    files = {artifact.path: digest(artifact.data) for artifact in ordered}
    content = {**(provenance.described() if provenance is not None else {}), "files": files}
    return Artifact(MANIFEST, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of `folder`; an empty one where orthgen wrote nothing."""
    data = read_file(folder / MANIFEST)
    if data is None:
        return Manifest()
    try:
        content = json.loads(data)
        files = content["files"]
        if not all(_is_inside(path) and re.fullmatch(_DIGEST, value) for path, value in files.items()):
            raise ValueError("no path and digest")  # noqa: TRY301 - as bad as what json complains of
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        hint = "restore it from version control, or render into an empty folder"
        raise OrthgenError(f"`{folder / MANIFEST}` is damaged", hint=hint) from error
    return Manifest(dict(files), Provenance.read(content))


def readable_provenance(folder: Path) -> Provenance | None:
    """What a folder was rendered from; None where orthgen wrote nothing, or its manifest is damaged."""
    try:
        return read_manifest(folder).provenance
    except OrthgenError:
        return None


def rendered_target(folder: Path) -> str | None:
    """The target that a folder was rendered for; None where orthgen wrote nothing, or its manifest is damaged."""
    provenance = readable_provenance(folder)
    return provenance.target if provenance is not None else None


def _is_inside(path: str) -> bool:
    """Whether a path can be a rendered file's: relative, without `..`, short enough for every file system."""
    names = path.split("/")
    return (
        len(path.encode()) <= _MAX_PATH_BYTES  # UnicodeEncodeError, a ValueError: half of a surrogate pair
        and "\0" not in path
        and all(name not in {"", ".", ".."} and len(name.encode()) <= _MAX_NAME_BYTES for name in names)
    )


def read_file(path: Path) -> bytes | None:
    """The contents of a rendered file, None where it is missing; raises OrthgenError where it is no plain file."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        closed = next((folder for folder in reversed(path.parents) if not os.access(folder, os.X_OK)), path)
        raise other_owner_error(f"cannot read `{path}`", closed) from error
    except OSError as error:
        raise OrthgenError(f"cannot read `{path}`: {system_reason(error)}") from error
    kinds = ((stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"))
    kind = next((name for is_kind, name in kinds if is_kind(mode)), "no plain file")
    raise OrthgenError(f"`{path}` is {kind}", hint="a file of the deployment belongs there; move it away")
