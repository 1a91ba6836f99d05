"""
What writing a deployment would change: the artifacts beside the folder as it is.

The manifest (`.orthgen/manifest.json`, path to sha256) says which files are ours. A file of ours that
somebody edited is `edited`: it is not overwritten unasked. A file that is not in the manifest but in our way
is `foreign`. What we wrote once and render no longer is deleted; anything else in the folder is left alone.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.documents.artifact import Artifact
from generator.errors import OrthgenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MANIFEST = ".orthgen/manifest.json"


class Action(StrEnum):
    """What happens to one file; the value is its symbol."""

    CREATE = "+"
    UPDATE = "~"
    DELETE = "-"


class FileChange(Struct, frozen=True):
    """One file that differs: what is there, what is to be, and whether somebody else's work would be lost."""

    action: Action
    path: str
    existing: str | None
    desired: Artifact | None
    is_edited: bool
    """Whether the file that is there is not the one that orthgen wrote."""


class FilePlan(Struct, frozen=True):
    """Every change, in the order of paths, and the manifest that describes the result."""

    folder: Path
    artifacts: tuple[Artifact, ...]
    changes: tuple[FileChange, ...]

    @property
    def edited(self) -> tuple[FileChange, ...]:
        """The changes that would destroy what somebody else wrote."""
        return tuple(change for change in self.changes if change.is_edited)


def digest(text: str) -> str:
    """What the manifest holds of a file: its sha256, named as such so that no scanner takes it for a key."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()


def manifest_of(artifacts: Sequence[Artifact]) -> Artifact:
    """The manifest: path to sha256 of what was written."""
    files = {
        artifact.path: digest(artifact.text) for artifact in sorted(artifacts, key=lambda item: item.path)
    }
    return Artifact(MANIFEST, json.dumps({"files": files}, indent=2) + "\n")


def place_of(folder: Path) -> Path:
    """The folder itself, whatever links lead to it. Raises OrthgenError where none can be."""
    try:
        place = folder.resolve()
    except FileNotFoundError as error:
        raise OrthgenError(
            "the folder that you are in is gone", hint='go there again: `cd "$PWD"`'
        ) from error
    except (OSError, RuntimeError) as error:
        raise OrthgenError(f"`{folder}` is a link that leads nowhere", hint="name a folder") from error
    if not place.name:
        raise OrthgenError(f"`{folder}` cannot hold a deployment", hint="name a folder, such as `deployment`")
    first = next(path for path in (place, *place.parents) if path.exists())
    if not first.is_dir():
        raise OrthgenError(f"`{folder if first == place else first}` is a file", hint="name a folder")
    return place


def plan(artifacts: Sequence[Artifact], folder: Path) -> FilePlan:
    """What has to change for `folder` to hold exactly `artifacts` beside what is not ours."""
    _require_folders(artifacts, place_of(folder))
    written = _manifest(folder)
    complete = (*sorted(artifacts, key=lambda artifact: artifact.path), manifest_of(artifacts))
    changes = [change for artifact in complete if (change := _change(artifact, folder, written)) is not None]
    desired = {artifact.path for artifact in complete}
    for path in sorted(set(written) - desired):
        existing = _read(folder / path)
        if existing is not None:
            is_edited = digest(existing) != written[path]
            changes.append(FileChange(Action.DELETE, path, existing, None, is_edited))
    return FilePlan(folder, complete, tuple(sorted(changes, key=lambda change: change.path)))


def _require_folders(artifacts: Sequence[Artifact], place: Path) -> None:
    """What has to be a folder is one, or is not there: through a link, files would land somewhere else."""
    for name in sorted({parent for artifact in artifacts for parent in Path(artifact.path).parents}):
        path = place / name
        if path != place and (path.is_symlink() or (path.exists() and not path.is_dir())):
            what = "link" if path.is_symlink() else "file"
            raise OrthgenError(
                f"`{path}` is a {what}", hint="a folder of the deployment belongs there; move it away"
            )


def _change(artifact: Artifact, folder: Path, written: Mapping[str, str]) -> FileChange | None:
    existing = _read(folder / artifact.path)
    if existing is None:
        return FileChange(Action.CREATE, artifact.path, None, artifact, is_edited=False)
    if existing == artifact.text:
        return None
    is_edited = artifact.path != MANIFEST and digest(existing) != written.get(artifact.path)
    return FileChange(Action.UPDATE, artifact.path, existing, artifact, is_edited)


def _manifest(folder: Path) -> dict[str, str]:
    text = _read(folder / MANIFEST)
    if text is None:
        return {}
    try:
        files = json.loads(text)["files"]
        return {str(path): str(value) for path, value in files.items() if _is_inside(str(path))}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "restore it from version control, or render into an empty folder"
        raise OrthgenError(f"`{folder / MANIFEST}` is damaged", hint=hint) from error


def _is_inside(path: str) -> bool:
    # A manifest is a file like any other: it must not make us delete anything outside the deployment.
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError as error:
        raise OrthgenError(
            f"`{path}` is a folder", hint="a file of the deployment belongs there; move the folder away"
        ) from error
    except PermissionError as error:
        raise OrthgenError(f"cannot read `{path}`: permission denied") from error
