"""A profile that is edited, and the other profiles that extend the same files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from orthgen.catalogue.digest_lock import LOCK
from orthgen.errors import OrthgenError, ProfileError
from orthgen.field_types import fields_of
from orthgen.profile.root import Profile
from orthgen.profile.sources import STANDARD_INPUT, merged_tree, read_all, read_file, value_at
from orthgen.rendering.validation import validate_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.findings import Finding
    from orthgen.formats.document import Document
    from orthgen.formats.yaml_io import Path as KeyPath
    from orthgen.profile.sources import Sources

SECTIONS = tuple(fields_of(Profile))
"""The top-level keys of a profile, in their order."""
_EXTENDS = re.compile(rb"^extends:[ \t]*\S", re.MULTILINE)
_SUFFIXES = (".yaml", ".yml")
_MAX_BYTES = 1_000_000


class Chain(Struct, frozen=True):
    """A profile with the files that it extends, the most derived first."""

    path: str
    sources: Sources

    @property
    def documents(self) -> tuple[Document, ...]:
        """The files of the chain."""
        return self.sources.documents

    @property
    def tree(self) -> dict[str, Any]:
        """The merged tree of the files."""
        return merged_tree(self.sources)

    def owner(self, path: KeyPath) -> Document | None:
        """The most derived file with a value at `path`; None where no file has one."""
        return next(
            (document for document in self.documents if value_at(document.value, path) is not None), None
        )

    def origin(self, path: KeyPath) -> Document | None:
        """The file that has a value at `path` first: the one that extends the fewest others."""
        owners = [document for document in self.documents if value_at(document.value, path) is not None]
        return owners[-1] if owners else None


def read_chain(path: str) -> Chain:
    """The profile at `path` with the files that it extends. Raises ProfileError where one cannot be read."""
    if path == STANDARD_INPUT:
        raise OrthgenError("a profile from standard input cannot be changed", hint="name its file")
    sources, findings = read_all(path, read_file)
    if findings:
        raise ProfileError(f"`{path}` cannot be changed", findings, texts=sources.texts)
    return Chain(path, sources)


def documents_of(chains: list[Chain]) -> dict[str, Document]:
    """The files of the chains by their real paths: two profiles name the same file differently."""
    documents: dict[str, Document] = {}
    for chain in chains:
        for document in chain.documents:
            documents.setdefault(os.path.realpath(document.file), document)
    return documents


def chains_with(chain: Chain, document: Document) -> list[Chain]:
    """`chain`, and each other profile of the repository that has the file of `document`."""
    chains, place = [chain], os.path.realpath(document.file)
    seen = {os.path.realpath(chain.path)}
    for path in (*(each.file for each in chain.documents), *_overlays(Path(place))):
        if os.path.realpath(path) in seen:
            continue
        seen.add(os.path.realpath(path))
        shown = path if Path(chain.path).is_absolute() else os.path.relpath(path)
        sources, findings = read_all(shown, read_file)
        if not findings and place in {os.path.realpath(each.file) for each in sources.documents}:
            chains.append(Chain(shown, sources))
    return chains


def _overlays(place: Path) -> Iterator[str]:
    """The files with `extends` in the git repository of the file, or else in its folder."""
    root = next((parent for parent in place.parents if (parent / ".git").exists()), None)
    for folder, names, files in os.walk(root or place.parent):
        names[:] = sorted(name for name in names if root is not None and not name.startswith("."))
        for name in sorted(files):
            path = Path(folder) / name
            if path.suffix in _SUFFIXES and path.is_file() and path.stat().st_size <= _MAX_BYTES:
                try:
                    if _EXTENDS.search(path.read_bytes()):
                        yield str(path)
                except OSError:
                    continue


class FileEdit(Struct, frozen=True):
    """The new text of a file."""

    path: str
    before: str
    after: str


class Edit(Struct, frozen=True):
    """A change of a profile: the new texts, sentences about it, and the command lines that follow."""

    files: tuple[FileEdit, ...]
    message: str
    notes: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    """Beginnings of command lines, each for every profile that the edit concerns."""
    profiles: tuple[str, ...] = ()
    """The profiles that the edit concerns, and that are valid with it."""
    warnings: tuple[Finding, ...] = ()
    """Warnings that the edited profile did not have before."""
    sources: Mapping[str, str] = {}
    """The new texts of the files of the edited profile, for excerpts."""

    @property
    def next_commands(self) -> tuple[str, ...]:
        """The whole command lines."""
        return tuple(f"{command} {profile}" for command in self.next for profile in self.profiles)


def file_edits(texts: Mapping[str, tuple[Document, str]]) -> tuple[FileEdit, ...]:
    """The edits of the files whose text differs."""
    return tuple(
        FileEdit(document.file, document.text, after)
        for document, after in texts.values()
        if after != document.text
    )


def check(edit: Edit, chains: list[Chain]) -> Edit:
    """
    The edit with the profiles that it concerns. Raises ProfileError where one would not be valid with the new texts.

    A profile beside the edited one that is not valid before the edit either does not stop it. Images of the edited profile
    that the lock does not name are a next step: `orthgen lock` can find them only in the new profile.
    """
    texts = {os.path.realpath(file.path): file.after.encode() for file in edit.files}

    def read(path: str) -> bytes:
        text = texts.get(os.path.realpath(path))
        return read_file(path) if text is None else text

    before = validate_profile(chains[0].path, with_lock=False)
    known = {(finding.rule.id, finding.message) for finding in before.findings}
    warnings: tuple[Finding, ...] = ()
    sources: Mapping[str, str] = {}
    profiles: list[str] = []
    lock: tuple[str, ...] = ()
    for index, chain in enumerate(chains):
        validation = validate_profile(chain.path, read=read, with_lock=False)
        error = validation.error
        if error is None:
            profiles.append(chain.path)
            if not index:
                warnings = tuple(
                    finding
                    for finding in validation.findings
                    if not finding.silenced and (finding.rule.id, finding.message) not in known
                )
                sources = validation.texts
            has_lock = (Path(chain.path).parent / LOCK).exists()
            if has_lock and validate_profile(chain.path, read=read).error is not None:
                lock = ("orthgen lock",)
            continue
        if index and validate_profile(chain.path, with_lock=False).error is not None:
            continue
        if isinstance(error, ProfileError):
            message = f"`{chain.path}` would not be valid; nothing was written"
            raise ProfileError(message, error.findings, texts=error.texts)
        raise error
    next_commands = (*lock, *edit.next)
    return replace(edit, profiles=tuple(profiles), next=next_commands, warnings=warnings, sources=sources)
