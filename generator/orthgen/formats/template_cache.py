"""
Compiled templates, kept in the user's cache folder.

Compiling our templates takes as long as importing Jinja. Jinja checks each entry against the template's text,
so a changed template is compiled anew; a folder that cannot be written is no error, only slower.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2.bccache import BytecodeCache

if TYPE_CHECKING:
    from jinja2.bccache import Bucket


class TemplateCache(BytecodeCache):
    """One file for each template, below `$XDG_CACHE_HOME/orthgen` (by default `~/.cache/orthgen`)."""

    def __init__(self) -> None:
        home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        self._folder = Path(home).expanduser() / "orthgen"

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"template-{sys.implementation.cache_tag}-{bucket.key}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket from its file, where there is one."""
        with suppress(OSError), self._path(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the bucket's file; a reader sees the old one or the whole new one."""
        path = self._path(bucket)
        staged = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            staged.write_bytes(bucket.bytecode_to_string())
            staged.replace(path)
