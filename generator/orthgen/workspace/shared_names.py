"""
Deployments of one name in several folders.

Docker Compose finds containers and volumes by the name of the deployment, and a cluster its namespace: on one machine,
the second deployment would replace the containers of the first and open its volumes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.workspace.manifest import MANIFEST, readable_provenance

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from orthgen.workspace.provenance import Provenance


class SharedName(Struct, frozen=True):
    """Two folders with deployments of one name and one target."""

    name: str
    target: str
    first: Path
    second: Path


def shared_names(rendered: Sequence[tuple[Path, Provenance]]) -> Iterator[SharedName]:
    """Each rendered folder whose deployment has the name of an earlier one's, or of one in a folder beside it."""
    folders = {folder.resolve() for folder, _ in rendered}
    parents = dict.fromkeys(folder.parent for folder, _ in rendered)
    beside = [found for parent in parents for found in _deployments(parent, folders)]
    owners: dict[tuple[str, str], Path] = {}
    for folder, provenance in (*beside, *rendered):
        owner = owners.setdefault((provenance.deployment, provenance.target), folder)
        if owner != folder and folder.resolve() in folders:
            yield SharedName(provenance.deployment, provenance.target, owner, folder)


def _deployments(parent: Path, without: Collection[Path]) -> Iterator[tuple[Path, Provenance]]:
    """The rendered folders below `parent`, except some; one that cannot be read says nothing here."""
    try:
        # A folder that begins with a dot is a deployment that is being written.
        folders = sorted(path.parents[1] for path in parent.glob(f"[!.]*/{MANIFEST}"))
    except OSError:
        return
    for folder in folders:
        if folder.resolve() in without:
            continue
        provenance = readable_provenance(folder)
        if provenance is not None:
            yield folder, provenance
