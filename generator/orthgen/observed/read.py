"""Observation of a deployment: files, folders and pasted texts are read, recognised, and put together."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.observed.assemble import Assembly
from orthgen.observed.files import Files, TextFile
from orthgen.observed.helm import embedded_files
from orthgen.observed.model import SourceKind
from orthgen.observed.recognise import Recognised, recognise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.observed.model import ObservedDeployment
    from orthgen.observed.text import TextParts

STANDARD_INPUT = "<standard input>"
# The beginning of a line that separates files in a text, and the names of files that may be such a text.
_SEPARATOR = "==> "
_MIXED = frozenset({".txt", ".log", ".md", ""})
# Kinds that are recognised by a line anywhere in a text.
_FOUND_INSIDE = frozenset(
    {SourceKind.OHIF, SourceKind.NGINX, SourceKind.CADDY, SourceKind.APACHE, SourceKind.HAPROXY}
)
# Kinds whose values may be other files.
_WITH_EMBEDDED_FILES = frozenset({SourceKind.HELM, SourceKind.MANIFEST})
# Files of a folder that are read as pasted texts; others of no known kind are not a part of the deployment.
_PASTED = frozenset({".txt", ".log", ".http", ".jwt"})


def observe(paths: Sequence[str], standard_input: str = "") -> ObservedDeployment:
    """The deployment that these files and folders show; `-` stands for the text of standard input."""
    files = Files()
    opened: list[TextFile] = []
    for path in paths:
        if path == "-":
            opened += _parts_of_text(files, standard_input) or [
                files.add_text(STANDARD_INPUT, standard_input)
            ]
            continue
        for file in files.given(path):
            parts = _parts_of_text(files, file.text, file) if _may_be_mixed(file) else []
            opened += parts or [file]
    return _observed(files, opened)


def observe_texts(texts: Mapping[str, str]) -> ObservedDeployment:
    """The deployment that these texts show, by their file names."""
    files = Files()
    return _observed(files, [files.add_text(name, text) for name, text in texts.items()])


def _parts_of_text(files: Files, text: str, file: TextFile | None = None) -> list[TextFile]:
    """The files that a text is made of, and the text before them; empty where nothing separates files in it."""
    if _SEPARATOR not in text:
        return []
    from orthgen.observed.text import split_files  # noqa: PLC0415 - the readers of pasted texts, a tenth of all readers

    before, parts = split_files(text)
    if not parts:
        return []
    name = STANDARD_INPUT if file is None else file.name
    # Prose above the files is no part of the deployment that somebody named.
    above = replace(files.add_text(name, before), is_named=False)
    opened = [above] if before.strip() else []
    folder = PurePath() if file is None else PurePath(name).parent
    return [*opened, *(files.add_text(str(folder / inner), part) for inner, part in parts)]


def _observed(files: Files, opened: Sequence[TextFile]) -> ObservedDeployment:
    recognised: list[Recognised] = []
    texts: list[tuple[TextFile, TextParts]] = []
    for file in opened:
        each = recognise(file)
        if each.kind is SourceKind.HAR:
            texts.append((file, _har_parts(file)))
            continue
        mixed = _mixed_parts(file, each.kind)
        if mixed is not None:
            recognised += mixed[1]
            texts.append((file, mixed[0]))
            continue
        is_known = each.kind is not SourceKind.UNKNOWN
        is_broken = is_known and each.document is not None and each.document.value is None
        if is_known and not is_broken:
            recognised.append(each)
            recognised += embedded_files(file) if each.kind in _WITH_EMBEDDED_FILES else ()
            continue
        if not (is_broken or file.is_named or _is_pasted(file)):
            continue
        parts, excerpts = _parts(file)
        recognised += excerpts
        if parts.sources or excerpts or parts.prose:
            texts.append((file, parts))
        # A text that begins with a key is no file of JSON, but keys of one.
        is_keys = file.text.lstrip("\ufeff \t\r\n").startswith('"') and bool(excerpts)
        if (is_broken and not is_keys) or not (parts.sources or excerpts):
            has_text = file.text.strip("\ufeff \t\r\n") != ""
            recognised.append(each if has_text else replace(each, kind=SourceKind.EMPTY))
    assembly = Assembly(files, recognised)
    for file, parts in texts:
        assembly.add_parts(file, parts)
    return assembly.deployment()


def _mixed_parts(file: TextFile, kind: SourceKind) -> tuple[TextParts, list[Recognised]] | None:
    """The parts of a text that has configuration of a proxy or of OHIF beside other things; None for such a file alone."""
    if kind not in _FOUND_INSIDE or not _may_be_mixed(file):
        return None
    parts, excerpts = _parts(file)
    whole = file.text.strip()
    is_alone = not parts.sources and len(parts.excerpts) == 1 and parts.excerpts[0].text.strip() == whole
    return (parts, excerpts) if excerpts and not is_alone else None


def _is_pasted(file: TextFile) -> bool:
    return file.name == STANDARD_INPUT or PurePath(file.name).suffix.lower() in _PASTED


def _may_be_mixed(file: TextFile) -> bool:
    path = PurePath(file.name)
    is_caddyfile = path.name == "Caddyfile"  # which has no ending, as pasted texts
    return file.name == STANDARD_INPUT or (path.suffix.lower() in _MIXED and not is_caddyfile)


def _har_parts(file: TextFile) -> TextParts:
    from orthgen.observed.har import observe_har  # noqa: PLC0415 - as above

    return observe_har(file.text, file.name)


def _parts(file: TextFile) -> tuple[TextParts, list[Recognised]]:
    """The parts of a text of no kind, or of one that is broken; its pieces of configuration are recognised."""
    from orthgen.observed.text import observe_text  # noqa: PLC0415 - as above

    parts = observe_text(file.text, file.name)
    if not (file.is_named and _is_pasted(file)):
        parts = replace(parts, prose=())  # a text that lies in the folder may explain many errors
    excerpts = [
        recognise(
            replace(file, text=excerpt.text, first_line=excerpt.first_line, is_complete=excerpt.is_complete)
        )
        for excerpt in parts.excerpts
    ]
    recognised = [
        each
        for each in excerpts
        if each.kind is not SourceKind.UNKNOWN and (each.document is None or each.document.value is not None)
    ]
    return parts, recognised
