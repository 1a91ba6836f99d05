"""Places without the folder that all files of the deployment are in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthgen.adoption.draft import DraftEntry, Note
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path


class Folder:
    """The folder of all files; empty where they have none in common."""

    def __init__(self, files: Iterable[str]) -> None:
        folders = {os.path.dirname(file) for file in files}  # noqa: PTH120 - names are texts, and may be no paths
        is_alike = folders and len({os.path.isabs(folder) for folder in folders}) == 1  # noqa: PTH117
        common = os.path.commonpath(folders) if is_alike else ""
        self._prefix = f"{common.rstrip('/')}/" if common else ""

    def without(self, file: str) -> str:
        """The name of a file, from the folder on."""
        return file.removeprefix(self._prefix)

    def entries(self, entries: Mapping[Path, DraftEntry]) -> dict[Path, DraftEntry]:
        """The entries, their places from the folder on."""
        return {path: replace(entry, places=self._places(entry.places)) for path, entry in entries.items()}

    def notes(self, notes: Iterable[Note]) -> tuple[Note, ...]:
        """The notes, their places from the folder on."""
        return tuple(replace(note, places=self._places(note.places)) for note in notes)

    def _places(self, places: Iterable[Location]) -> tuple[Location, ...]:
        return tuple(replace(place, file=self.without(place.file)) for place in places)
