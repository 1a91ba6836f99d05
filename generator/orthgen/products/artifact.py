"""A rendered file: its path in the deployment, its text, its mode."""

from __future__ import annotations

from msgspec import Struct


class Artifact(Struct, frozen=True):
    """A rendered file. `path` is relative to the deployment's folder, with `/`; `mode` is the file's."""

    path: str
    text: str
    mode: int = 0o644

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return self.text.encode("utf-8", errors="surrogateescape")
