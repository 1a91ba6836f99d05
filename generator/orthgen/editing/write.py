"""Atomic replacement of edited files, with their modes, byte order marks and links."""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError, Refused
from orthgen.workspace.durable import sync

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.editing.profiles import FileEdit


def write(files: Sequence[FileEdit]) -> None:
    """Replace each file by its new text. Raises Refused where one changed since it was read."""
    places = [Path(os.path.realpath(file.path)) for file in files]
    prepared = []
    try:
        for file, place in zip(files, places, strict=True):
            content = place.read_bytes()
            mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
            if content != mark + file.before.encode():
                raise Refused(
                    f"`{file.path}` changed in the meantime; nothing was written",
                    [],
                    hint="run the command again",
                )
            new = place.with_name(f".{place.name}.orthgen-new")
            new.write_bytes(mark + file.after.encode())
            new.chmod(place.stat().st_mode & 0o7777)
            prepared.append((new, place))
        sync([new for new, _ in prepared], [])
        for new, place in prepared:
            new.replace(place)
        sync([], {place.parent for place in places})
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OrthgenError(f"`{error.filename}` cannot be written: {reason}") from None
