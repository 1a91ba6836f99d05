"""Reader of Helm values and Kubernetes manifests: the configuration files that stand in them as texts or as data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from orthgen.formats.yaml_io import Document, parse_yaml, typed
from orthgen.observed.files import TextFile
from orthgen.observed.model import SourceKind
from orthgen.observed.recognise import TAGS, Recognised, kind_of_json, recognise_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.formats.yaml_io import Path

_SEPARATOR = r"(?m)^---.*$"
_MAX_DOCUMENTS = 200


def embedded_files(file: TextFile) -> Iterator[Recognised]:
    """The configuration of Orthanc and the services around it in the values of a chart or in manifests."""
    for document in documents(file):
        yield from _below(document, document.value, ())


def documents(file: TextFile) -> Iterator[Document]:
    """The documents of a file, each with its places in the file."""
    # Blank lines in place of the documents above keep every line's number.
    starts = [0, *(match.start() for match in re.finditer(_SEPARATOR, file.text))][:_MAX_DOCUMENTS]
    for start, end in zip(starts, [*starts[1:], len(file.text)], strict=True):
        part = file.text[start:end]
        if part.strip("- \r\n"):
            above = "\n" * file.text.count("\n", 0, start)
            document, _ = parse_yaml(
                above + part.removeprefix("\ufeff"), file.name, merge_keys=True, tags=TAGS
            )
            yield document


def _kind_of_data(value: dict[str, Any]) -> SourceKind:
    """The kind of a file that stands in a chart's values as data; `roles` of other programs are no permissions."""
    kind = kind_of_json(value)
    if kind is SourceKind.ORTHANC:
        return kind
    roles = value.get("roles")
    listed = list(roles.values()) if isinstance(roles, dict) else []
    has_permissions = bool(listed) and all(
        isinstance(role, dict) and isinstance(role.get("permissions"), list) for role in listed
    )
    return (
        SourceKind.PERMISSIONS if kind is SourceKind.PERMISSIONS and has_permissions else SourceKind.UNKNOWN
    )


def has_variables(value: Any) -> bool:
    """Whether a chart's values or a manifest set variables of containers, which are not read."""
    if isinstance(value, dict):
        is_variable = isinstance(value.get("name"), str) and value.keys() & {"value", "valueFrom"}
        return bool(is_variable) or any(map(has_variables, value.values()))
    return isinstance(value, list) and any(map(has_variables, value))


def _below(document: Document, value: Any, path: Path) -> Iterator[Recognised]:
    if isinstance(value, dict):
        kind = _kind_of_data(value) if path else SourceKind.UNKNOWN
        if kind is not SourceKind.UNKNOWN:
            part = document.below(path)
            data = Document(part.file, part.text, typed(part.value), part.compose)
            file = TextFile(document.file, document.text, first_line=part.locate(()).line)
            yield Recognised(file, kind, data)
            return
        for key, item in value.items():
            yield from _below(document, item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _below(document, item, (*path, index))
    elif isinstance(value, str) and "\n" in value:
        text = document.embedded(path)
        if text is not None:
            line = document.locate(path).line + 1
            each = recognise_text(TextFile(document.file, text, first_line=line))
            if each.kind not in {SourceKind.UNKNOWN, SourceKind.ENVIRONMENT}:
                yield replace(each, file=replace(each.file, is_named=False))
