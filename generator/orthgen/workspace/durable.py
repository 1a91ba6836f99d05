"""
Synchronisation of files and folders with the disk, so that they survive a loss of power.

All files are written first and synchronised together afterwards: a journaling file system then commits once or
twice, not once for each file.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Some network file systems synchronise files and not folders.
_UNSUPPORTED = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}


def sync_file(path: Path) -> None:
    """Wait until the file's contents are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the names in the folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)


def sync(files: Iterable[Path], folders: Iterable[Path]) -> None:
    """Wait for the contents of `files`, then for the names in `folders`."""
    for file in files:
        sync_file(file)
    for folder in folders:
        sync_folder(folder)
