"""Check of the folder of the host with the DICOM files: it is the right one, and Orthanc may write there."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

_USER = naming.CONTAINER_USER
_GIGABYTE = 10**9


def storage(system: ExaminedSystem) -> Iterator[Fact]:
    """The folder of `files: {path: …}` is there, has its mark, and belongs to Orthanc's user."""
    deployment = system.deployment
    path = deployment.profile.archive.storage.files.path if deployment is not None else None
    if path is None:
        return
    folder = Path(path)
    try:
        yield from _facts(folder)
    except PermissionError:
        yield Fact(CheckStatus.UNKNOWN, f"`{folder}` cannot be looked at", "run the doctor as root")


def _facts(folder: Path) -> Iterator[Fact]:
    mark = folder / naming.STORAGE_MARK
    make = f"sudo install -d -o {_USER} -g {_USER} -m 0750 {folder} && sudo touch {mark}"
    if not folder.is_dir():
        message = f"`{folder}` is not there, so that Orthanc does not start"
        yield Fact(CheckStatus.ERROR, message, f"mount the file system, or make the folder once: `{make}`")
        return
    entries = {entry.name for entry in os.scandir(folder)}
    if naming.STORAGE_MARK not in entries:
        message = f"`{folder}` has no `{naming.STORAGE_MARK}`, so that Orthanc does not start: " + (
            "nothing shows that it is the storage"
            if entries
            else "it is empty, as an unmounted mount point is"
        )
        yield Fact(
            CheckStatus.ERROR, message, f"mount the file system; if this is the storage, `sudo touch {mark}`"
        )
        return
    status = folder.stat()
    if not _may_write(status):
        message = f"`{folder}` belongs to user {status.st_uid} with mode {stat.S_IMODE(status.st_mode):04o}: Orthanc's user {_USER} cannot write there"
        remedy = f"sudo chown -R {_USER}:{_USER} {folder} && sudo chmod u+rwx {folder}"
        yield Fact(CheckStatus.ERROR, message, f"`{remedy}`")
    elif status.st_mode & stat.S_IROTH:
        message = f"every account of this machine can list the studies in `{folder}`"
        yield Fact(CheckStatus.WARNING, message, f"`sudo chmod o-rwx {folder}`")
    else:
        free = shutil.disk_usage(folder).free / _GIGABYTE
        yield Fact(CheckStatus.OK, f"`{folder}` belongs to Orthanc's user, and {free:.1f} GB are free there")


def _may_write(status: os.stat_result) -> bool:
    """Whether the containers' user may list, enter and write."""
    mode = status.st_mode
    if status.st_uid == _USER:
        return mode & stat.S_IRWXU == stat.S_IRWXU
    if status.st_gid == _USER:
        return mode & stat.S_IRWXG == stat.S_IRWXG
    return mode & stat.S_IRWXO == stat.S_IRWXO
