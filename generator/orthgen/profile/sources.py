"""
Files of a profile: itself and those that it extends, read and merged.

A file that a profile extends comes from anybody who wrote the profile. So only regular files that are called
`*.yaml` or `*.yml` are read, up to a size, and what does not look like a profile is never shown in an excerpt.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.errors import system_reason
from orthgen.field_types import fields_of
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.merging import merged
from orthgen.formats.yaml_io import Document, parse_yaml
from orthgen.profile.root import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orthgen.formats.yaml_io import Path as KeyPath

# The largest profile that anybody has is a hundredth of it.
MAX_BYTES = 16_000_000
STANDARD_INPUT = "-"
STANDARD_INPUT_TITLE = "standard input"
"""The source in headers of files whose profile has no file."""
_SUFFIXES = (".yaml", ".yml")
_NAMES = "|".join(fields_of(Profile))
_TOP_LEVEL_KEY = rf"""(?m)^[\ufeff{{\s]*["']?(?:{_NAMES})["']?\s*:"""


UNREADABLE_FILE = Rule(
    "unreadable-file",
    Severity.ERROR,
    summary="A profile, or a file that it extends, does not exist, may not be read, or is too large.",
    remedy="Correct the path, or the permissions of the file.",
    example="""
        extends: missing.yaml
    """,
)
NOT_UTF8 = Rule(
    "not-utf-8",
    Severity.ERROR,
    summary="A profile, or a file that it extends, is not encoded in UTF-8.",
    remedy="Save the file as UTF-8.",
    example="""
        institution: {name: Übung}  # saved as ISO 8859-1
    """,
)
NOT_A_MAPPING = Rule(
    "not-a-mapping",
    Severity.ERROR,
    summary="The file is a list or a single value. A profile is a mapping: lines of `key: value`.",
    remedy="Begin with `orthgen: 1`.",
    example="""
        - orthgen: 1
    """,
)
INVALID_EXTENDS = Rule(
    "invalid-extends",
    Severity.ERROR,
    summary="`extends` names no profile: no file that ends in `.yaml` or `.yml`.",
    remedy="Name one other profile, relative to this one.",
    example="""
        extends: [minimal.yaml]
    """,
)
CIRCULAR_EXTENDS = Rule(
    "circular-extends",
    Severity.ERROR,
    summary="Profiles extend each other in a circle.",
    remedy="Let one of them extend nothing.",
    example="""
        extends: example.yaml
    """,
)


class Sources(Struct, frozen=True):
    """The documents that a profile was made from, the most derived one first."""

    documents: tuple[Document, ...]

    @property
    def texts(self) -> dict[str, str]:
        """The contents by file name, for excerpts; of a file that is no profile nothing is shown."""
        return {
            document.file: document.text
            for document in self.documents
            if re.search(_TOP_LEVEL_KEY, document.text) is not None
        }

    def locate(self, path: KeyPath, *, key: bool = False) -> Location:
        """The position of the value at `path` (or its key), in the most derived document that has it."""
        document = max(self.documents, key=lambda candidate: candidate.depth(path))
        return document.locate(path, key=key)

    def keys_below(self, path: KeyPath, file: str) -> list[str] | None:
        """The keys at `path` in what `file` extends; None where it extends nothing."""
        files = [document.file for document in self.documents]
        bases = self.documents[files.index(file) + 1 :]
        if not bases:
            return None
        values = [value_at(document.value, path) for document in bases]
        return [key for value in values if isinstance(value, dict) for key in value]


def read_file(path: str) -> bytes:
    """The bytes of a file, or of standard input (`-`), up to one more than the limit."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(path).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def read_all(path: str, read: Callable[[str], bytes]) -> tuple[Sources, list[Finding]]:
    """The profile's document and those that it extends, the most derived first."""
    documents: list[Document] = []
    findings: list[Finding] = []
    seen: list[str] = []
    origin = Location(path, 1, 1)
    while True:
        if path in seen:
            chain = " → ".join([*seen, path])
            message = f"profiles extend each other in a circle: {chain}"
            findings.append(Finding(CIRCULAR_EXTENDS, message, origin, "let one of them extend nothing"))
            break
        seen.append(path)
        document, problems = _read_document(path, origin, read)
        findings += problems
        if document is not None:
            documents.append(document)
        if document is None or not isinstance(document.value, dict):
            break
        if "extends" not in document.value:
            break
        base, origin = document.value["extends"], document.locate(("extends",))
        finding = _not_extendable(path, base, origin)
        if finding is not None:
            findings.append(finding)
            break
        path = str(Path(path).parent / base)
    return Sources(tuple(documents)), findings


def merged_tree(sources: Sources) -> dict[str, Any]:
    """The merged tree of the documents."""
    tree: dict[str, Any] = {}
    for document in reversed(sources.documents):
        tree = merged(tree, document.value, null_removes=True)
    tree.pop("extends", None)
    return tree


def for_target(tree: dict[str, Any], target: str | None) -> dict[str, Any]:
    """The tree for a target: `deployment.kubernetes` is there for `kubernetes`, and for no other; None changes nothing."""
    deployment = tree.get("deployment", {})
    if (
        target is None
        or not isinstance(deployment, dict)
        or (target == "kubernetes") == ("kubernetes" in deployment)
    ):
        return tree
    others = {key: value for key, value in deployment.items() if key != "kubernetes"}
    return {**tree, "deployment": {**others, "kubernetes": {}} if target == "kubernetes" else others}


def _not_extendable(path: str, base: Any, origin: Location) -> Finding | None:
    """The finding that the profile at `path` cannot extend `base`; None where it can."""
    if not isinstance(base, str):
        return Finding(INVALID_EXTENDS, "`extends` is not a path", origin, "name one other profile")
    whole = Path(os.path.realpath(Path(path).parent / base.replace("\x00", "")))
    if "\x00" in base or whole.suffix not in _SUFFIXES:
        message = f"`{base}` is not the name of a profile"
        return Finding(INVALID_EXTENDS, message, origin, "name a file that ends in `.yaml` or `.yml`")
    if whole.exists() and not whole.is_file():
        return Finding(INVALID_EXTENDS, f"`{base}` is not a file", origin, "name one other profile")
    return None


def _read_document(
    path: str, origin: Location, read: Callable[[str], bytes]
) -> tuple[Document | None, list[Finding]]:
    try:
        content = read(path)
        if len(content) > MAX_BYTES:
            return None, [_unreadable(path, "it is too large for a profile", origin, "name a profile")]
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before[before.rfind(b"\n") + 1 :].decode("utf-8")
        location = Location(path, before.count(b"\n") + 1, len(line) + 1)
        return None, [Finding(NOT_UTF8, "the file is not UTF-8", location, "save it as UTF-8")]
    except (OSError, ValueError) as error:  # a path with a null character is no path
        reason = system_reason(error) if isinstance(error, OSError) else str(error).lower()
        hint = "name a file" if isinstance(error, IsADirectoryError) else "check the path and who may read it"
        return None, [_unreadable(path, reason, origin, hint)]
    document, findings = parse_yaml(text, path)
    if not findings and not isinstance(document.value, dict):
        place = Location(path, 1, 1)
        findings = [Finding(NOT_A_MAPPING, "a profile is a mapping", place, "begin with `orthgen: 1`")]
    return document, findings


def _unreadable(path: str, reason: str, origin: Location, hint: str) -> Finding:
    return Finding(UNREADABLE_FILE, f"cannot read `{path}`: {reason}", origin, hint)


def value_at(tree: Any, path: KeyPath) -> Any:
    """The value at a path of mappings; None where there is none."""
    for element in path:
        tree = tree.get(element) if isinstance(tree, dict) else None
    return tree


def empty_values(tree: Any, path: KeyPath = ()) -> Sequence[KeyPath]:
    """The path of every key and every item of a list with nothing behind it."""
    if tree is None:
        return [path]
    if isinstance(tree, dict):
        return [each for key, value in tree.items() for each in empty_values(value, (*path, key))]
    if isinstance(tree, list):
        return [each for index, value in enumerate(tree) for each in empty_values(value, (*path, index))]
    return ()
