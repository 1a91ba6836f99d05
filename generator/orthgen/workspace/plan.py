"""
File plan: the difference between the artifacts and the folder as it is.

The manifest (`.orthgen/manifest.json`, path to sha256) names the rendered files. A rendered file that a person changed
is `edited`: it is not overwritten without consent. A file at an artifact's path that is not in the manifest counts as
edited too. A file in the manifest that is no artifact any more is deleted; every other file in the folder stays.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from orthgen.changes.model import ChangeAction
from orthgen.errors import OrthgenError
from orthgen.workspace.folder import resolved_folder
from orthgen.workspace.location import require_own_folder
from orthgen.workspace.manifest import MANIFEST, digest, manifest_of, read_file, read_manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.products.artifact import Artifact
    from orthgen.workspace.provenance import Provenance


class FileChange(Struct, frozen=True):
    """One file that differs: its existing and desired content, and whether a person edited it."""

    action: ChangeAction
    path: str
    existing: str | None
    desired: Artifact | None
    is_edited: bool
    """Whether the existing file is not the one that orthgen wrote."""


class FilePlan(Struct, frozen=True):
    """Every change, in the order of paths, and the manifest that describes the result."""

    folder: Path
    artifacts: tuple[Artifact, ...]
    changes: tuple[FileChange, ...]
    provenance: Provenance | None
    before: Provenance | None
    """The existing deployment's provenance, from its manifest."""

    @property
    def edited(self) -> tuple[FileChange, ...]:
        """Changes that would overwrite a person's work."""
        return tuple(change for change in self.changes if change.is_edited)


def plan(artifacts: Sequence[Artifact], folder: Path, provenance: Provenance | None = None) -> FilePlan:
    """The plan for `folder` to hold exactly `artifacts`, beside files of others."""
    manifest = manifest_of(artifacts, provenance)
    ordered = sorted(artifacts, key=lambda artifact: artifact.path)
    place = resolved_folder(folder)
    require_own_folder(folder, place, MANIFEST)
    _require_folders([*ordered, manifest], place)
    manifest_before = read_manifest(folder)
    written = manifest_before.files
    if _differs_by_path_only(manifest_before.provenance, provenance):
        # The path of the same profile may differ between checkouts; that alone is no change.
        manifest = manifest_of(artifacts, manifest_before.provenance)
    complete = (*ordered, manifest)
    changes = [change for artifact in complete if (change := _change(artifact, folder, written)) is not None]
    desired = {artifact.path for artifact in complete}
    for path in sorted(set(written) - desired):
        existing = read_file(folder / path)
        if existing is not None:
            is_edited = digest(existing) != written[path]
            changes.append(FileChange(ChangeAction.DELETE, path, _text(existing), None, is_edited))
    ordered_changes = tuple(sorted(changes, key=lambda change: change.path))
    return FilePlan(folder, complete, ordered_changes, provenance, manifest_before.provenance)


def _differs_by_path_only(before: Provenance | None, after: Provenance | None) -> bool:
    return before is not None and after is not None and replace(before, profile=after.profile) == after


def _require_folders(artifacts: Sequence[Artifact], place: Path) -> None:
    """Raise OrthgenError where a parent of an artifact is a link or a file: a link leads out of the folder."""
    folders = {Path(artifact.path).parent for artifact in artifacts}
    for name in sorted(folders.union(*(folder.parents for folder in folders))):
        path = place / name
        if path != place and (path.is_symlink() or (path.exists() and not path.is_dir())):
            kind = "link" if path.is_symlink() else "file"
            raise OrthgenError(
                f"`{path}` is a {kind}", hint="a folder of the deployment belongs there; move it away"
            )


def _change(artifact: Artifact, folder: Path, written: Mapping[str, str]) -> FileChange | None:
    existing = read_file(folder / artifact.path)
    if existing is None:
        return FileChange(ChangeAction.CREATE, artifact.path, None, artifact, is_edited=False)
    if existing == artifact.data:
        return None
    is_edited = artifact.path != MANIFEST and digest(existing) != written.get(artifact.path)
    return FileChange(ChangeAction.UPDATE, artifact.path, _text(existing), artifact, is_edited)


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="surrogateescape")
