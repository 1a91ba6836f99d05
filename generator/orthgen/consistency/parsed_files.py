"""Parsed files of a rendered deployment, with the position of each value."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.findings import Finding, Location
from orthgen.formats.yaml_io import Document, parse_json, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orthgen.formats.yaml_io import Path
    from orthgen.products.artifact import Artifact

COMPOSE = "docker-compose.yml"
ORTHANC = "orthanc/orthanc.json"
PERMISSIONS = "auth-service/permissions.json"
REALM = "keycloak/realm.json"
PARSERS: dict[str, Callable[[str, str], tuple[Document, list[Finding]]]] = {
    ".json": parse_json,
    ".yml": partial(parse_yaml, merge_keys=True),
    ".yaml": parse_yaml,
}


class ParsedFiles(Struct, frozen=True):
    """The parsed files by path, the texts of the others, and what did not parse."""

    documents: dict[str, Document]
    texts: dict[str, str]
    findings: tuple[Finding, ...]
    has_positions: bool = True
    """Whether `locate` looks for a value's position, instead of the file's first line."""

    @classmethod
    def of(cls, artifacts: Sequence[Artifact]) -> ParsedFiles:
        """Parse what has a parser; everything is kept as text as well."""
        documents: dict[str, Document] = {}
        findings: list[Finding] = []
        for artifact in artifacts:
            suffix = artifact.path[artifact.path.rfind(".") :]
            if suffix in PARSERS:
                documents[artifact.path], problems = PARSERS[suffix](artifact.text, artifact.path)
                findings += problems
        return cls(documents, {artifact.path: artifact.text for artifact in artifacts}, tuple(findings))

    def get(self, file: str, *path: str | int) -> Any:
        """The value at `path` of a parsed file; None where there is no such file or value."""
        value: Any = self.documents[file].value if file in self.documents else None
        for element in path:
            try:
                value = value[element]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def locate(self, file: str, path: Path = ()) -> Location:
        """The position of the value at `path` of `file`."""
        document = self.documents.get(file) if self.has_positions else None
        return document.locate(path) if document is not None else Location(file, 1, 1)

    def locate_text(self, file: str, needle: str) -> Location:
        """The first position of `needle` in a text file; the first line where it is missing."""
        text = self.texts.get(file, "")
        return Location.at(file, text, max(text.find(needle), 0))

    def matching(self, prefix: str) -> list[str]:
        """The paths of the files below a folder."""
        return sorted(path for path in self.texts if path.startswith(prefix))
