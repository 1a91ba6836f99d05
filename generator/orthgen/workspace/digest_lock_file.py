"""The file with the digests of images: replaced as a whole, so that no reader sees a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError, system_reason
from orthgen.workspace.durable import sync

if TYPE_CHECKING:
    from pathlib import Path


def write_lock(path: Path, text: str) -> None:
    """Write the lock; the file that `path` leads to has the old text or the new one."""
    target = path.resolve()
    new = target.with_name(f".{target.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        if target.exists():
            new.chmod(target.stat().st_mode)
        sync([new], [])
        new.replace(target)
        sync([], [target.parent])
    except OSError as error:
        raise OrthgenError(f"cannot write `{path}`: {system_reason(error)}") from None
