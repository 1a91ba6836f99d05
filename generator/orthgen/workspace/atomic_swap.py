"""
Atomic exchange of two folders, and a rename that replaces nothing. `os.rename` has neither.

Both are one system call, on Linux (renameat2) and on macOS (renamex_np).
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AT_FDCWD = -100
# linux/fs.h; macOS's sys/stdio.h (RENAME_SWAP, RENAME_EXCL).
_EXCHANGE = 2
_NO_REPLACE = 1 if sys.platform == "linux" else 4
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def exchange(one: Path, other: Path) -> bool:
    """Let `one` and `other` exchange names atomically; False where the system or the file system cannot."""
    # EXDEV and EBUSY: something is mounted on one of them, which a plain rename then says again.
    return _rename(one, other, _EXCHANGE, _UNSUPPORTED | {errno.EXDEV, errno.EBUSY})


def move(source: Path, target: Path) -> None:
    """Rename `source` to `target`; FileExistsError where something is there already."""
    if not _rename(source, target, _NO_REPLACE, _UNSUPPORTED):
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        source.rename(target)


def _rename(source: Path, target: Path, flags: int, unsupported: set[int]) -> bool:
    import ctypes  # noqa: PLC0415 - 8 ms, and most renders rename nothing

    libc = ctypes.CDLL(None, use_errno=True)
    source_bytes, target_bytes = os.fsencode(source), os.fsencode(target)
    if sys.platform == "linux" and hasattr(libc, "renameat2"):
        result = libc.renameat2(_AT_FDCWD, source_bytes, _AT_FDCWD, target_bytes, flags)
    elif sys.platform == "darwin":
        result = libc.renamex_np(source_bytes, target_bytes, flags)
    else:
        return False
    if result == 0:
        return True
    code = ctypes.get_errno()
    if code in unsupported:
        return False
    raise OSError(code, os.strerror(code), str(source), None, str(target))
