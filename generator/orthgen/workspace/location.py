"""
Folders that cannot hold a deployment, because they belong to the system, to an account or to another deployment.

A change moves every entry of the folder, also files of other origin. In `/usr` or in a home folder, programs would miss
their files in this moment, and a kill would leave them elsewhere.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError

if TYPE_CHECKING:
    from collections.abc import Iterator

# The folders of the Filesystem Hierarchy Standard 3.0, and of macOS, by the folder that they are in.
_SYSTEM_FOLDERS = {
    "/": "bin boot dev etc home lib lib32 lib64 libx32 lost+found media mnt opt proc root run sbin srv sys tmp usr var "
    "Applications Library System Users Volumes private",
    "/usr": "bin games include lib lib32 lib64 libexec libx32 local sbin share src",
    "/var": "backups cache lib local lock log mail opt run spool tmp www",
}


def require_own_folder(folder: Path, place: Path, manifest: str) -> None:
    """Raise OrthgenError where `place`, the folder without links, cannot hold a deployment."""
    reason = next(_objections(place, manifest), None)
    if reason is not None:
        raise OrthgenError(
            f"`{folder}` cannot hold a deployment: {reason}",
            hint="name a folder that only this deployment has, such as `deployment`",
        )


def _objections(place: Path, manifest: str) -> Iterator[str]:
    parent = place.parent
    if place.name in _SYSTEM_FOLDERS.get(str(parent), "").split():
        yield "it is a folder of the system"
    if place in _home_folders() or parent in {Path("/home"), Path("/Users")}:
        yield "it is a home folder"
    for outer in place.parents:
        if (outer / manifest).is_file():
            yield f"it is inside the deployment in `{outer}`"


def _home_folders() -> set[Path]:
    with suppress(RuntimeError):  # an account without a home folder
        return {Path.home().resolve()}
    return set()
