"""The objects of Kubernetes' manifests, each one document of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.observed.helm import documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.formats.yaml_io import Document
    from orthgen.observed.files import TextFile


class ManifestDocument:
    """One document of a file of manifests."""

    def __init__(self, file: TextFile, document: Document) -> None:
        self.file = file
        self.document = document
        self.kind = str(document.value.get("kind") or "")
        self.name = str(self.get("metadata", "name") or "")

    def get(self, *path: str | int) -> Any:
        """The value at a path; None where there is none."""
        value: Any = self.document.value
        for key in path:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def manifests(files: Sequence[TextFile]) -> list[ManifestDocument]:
    """The objects of these files."""
    return [
        ManifestDocument(file, document)
        for file in files
        for document in documents(file)
        if isinstance(document.value, dict) and isinstance(document.value.get("apiVersion"), str)
    ]
