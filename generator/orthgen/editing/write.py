"""Atomic replacement of edited files, with their owners, modes, byte order marks and links."""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError, Refused, system_reason
from orthgen.workspace.durable import sync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.editing.profiles import FileEdit


def write(files: Sequence[FileEdit]) -> None:
    """Replace each file by its new text. Raises Refused where one changed since it was read; then no file changes."""
    prepared: list[tuple[Path, Path]] = []
    try:
        for file in files:
            place = Path(os.path.realpath(file.path))
            new = place.with_name(f".{place.name}.orthgen-new")
            prepared.append((new, place))
            _prepare(file, place, new)
        sync([new for new, _ in prepared], [])
        for new, place in prepared:
            new.replace(place)
        sync([], {place.parent for _, place in prepared})
    except OSError as error:
        reason = system_reason(error)
        raise OrthgenError(f"`{error.filename}` cannot be written: {reason}") from None
    finally:
        for new, _ in prepared:
            with suppress(OSError):
                new.unlink(missing_ok=True)


def _prepare(file: FileEdit, place: Path, new: Path) -> None:
    """Write the new text beside the file."""
    content, status = place.read_bytes(), place.stat()
    mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
    if content != mark + file.before.encode():
        message = f"`{file.path}` changed in the meantime; nothing was written"
        raise Refused(message, [], hint="run the command again")
    new.write_bytes(mark + file.after.encode())
    new.chmod(status.st_mode & 0o7777)
    with suppress(PermissionError):  # only root can give a file away
        os.chown(new, status.st_uid, status.st_gid)
