"""
The files of an observed deployment: those that were given, those of given folders, and those that others name.

Reading is bounded in number and size, and an unreadable file becomes a finding.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.errors import system_reason
from orthgen.findings import Finding, Location, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNREADABLE_SOURCE = Rule(
    "unreadable-source",
    Severity.WARNING,
    summary="A file of the deployment cannot be read: it is missing, binary, too large, or its mode forbids it.",
    remedy="Correct the path or the file's mode, or leave the file out.",
    file="orthanc.json",
    example="""
        {"Name": "clinic\N{SYMBOL FOR NULL}"}
    """,
    consequence="The diagnosis does not know the content of the file.",
    counterexample="""
        {"Name": "clinic"}
    """,
)
OTHER_ENCODING = Rule(
    "other-encoding",
    Severity.WARNING,
    summary="A file has another encoding than UTF-8.",
    remedy="Save the file as UTF-8.",
    file="orthanc.json",
    example="""
        {"Name": "Hôpital"}
    """,
    consequence="Orthanc, nginx, Keycloak and Docker Compose read UTF-8. They refuse the file or garble its letters.",
    counterexample="""
        {"Name": "Hopital"}
    """,
)

_MAX_BYTES = 4 * 1024 * 1024
# A HAR recording holds whole answers.
_MAX_RECORDING_BYTES = 64 * 1024 * 1024
_RECORDINGS = frozenset({".har", ".log", ".txt"})
_MAX_ENTRIES = 20_000
_MAX_FILES = 500
_SUFFIXES = frozenset(
    {
        ".json",
        ".jsonc",
        ".yml",
        ".yaml",
        ".conf",
        ".env",
        ".js",
        ".lua",
        ".template",
        ".har",
        ".log",
        ".txt",
        ".http",
        ".jwt",
        ".caddy",
        ".caddyfile",
        ".cfg",
        ".config",
    }
)
_NAMES = frozenset({"Caddyfile", "Dockerfile", ".env", ".htaccess", "ACCESS.md"})
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv"})


class TextFile(Struct, frozen=True):
    """A text with the name that people see. `path` is absolute on disk, and empty for a text that came without a file."""

    name: str
    text: str
    path: str = ""
    first_line: int = 1
    is_complete: bool = True
    is_named: bool = True
    """Whether the user named the file, rather than a folder that it is in or a file that refers to it."""


class Files:
    """The texts that were read so far, each once, and the problems of reading them."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.unseen: list[str] = []
        self._read: dict[str, TextFile | None] = {}
        self._opened: dict[str, TextFile | None] = {}
        self._total = 0

    def add_text(self, name: str, text: str) -> TextFile:
        """A text without a file on disk: from standard input, or a part of one."""
        # Half of a character is no text in any encoding.
        file = TextFile(name, text.encode("utf-8", errors="replace").decode("utf-8"))
        self._read[os.path.normpath(name)] = file
        return file

    def given(self, path: str) -> Iterator[TextFile]:
        """The file at `path`, or the files of the folder at `path`."""
        if not os.path.isdir(path):  # noqa: PTH112 - the name stays as the user wrote it
            file = self._open(path, is_named=True)
            if file is not None:
                yield file
            return
        for candidate in self._candidates(path):
            file = self._open(candidate, is_named=False)
            if file is not None:
                yield file

    def beside(self, file: TextFile, path: str) -> TextFile | None:
        """The file that `file` names by `path`, relative to its own folder; None where there is none."""
        name = _joined(file.name, path)
        if name in self._read or not file.path:
            return self._read.get(name)
        return self._open(name, is_named=False) if _is_file(name) else None

    def inside(self, file: TextFile, path: str) -> TextFile:
        """A place in the folder that `file` names by `path`, from which paths start."""
        name = _joined(file.name, os.path.join(path, "."))  # noqa: PTH118
        inner = os.path.join(name, "Dockerfile")  # noqa: PTH118
        return TextFile(inner, "", os.path.abspath(inner) if file.path else "")  # noqa: PTH100

    def in_folder(self, file: TextFile, path: str) -> Sequence[tuple[str, TextFile]]:
        """The files of the folder that `file` names by `path` and of its subfolders, with their paths in the folder."""
        folder = _joined(file.name, path)
        start = "" if folder == "." else folder + os.sep
        if not file.path:
            names = sorted(name for name, each in self._read.items() if each and name.startswith(start))
        elif not os.path.isdir(folder):  # noqa: PTH112
            names = []
        else:
            names = sorted(map(os.path.normpath, self._candidates(folder)))
        opened = ((name.removeprefix(start), self._open(name, is_named=False)) for name in names)
        return [(name, each) for name, each in opened if each is not None]

    def exists(self, file: TextFile, path: str) -> bool:
        """Whether there is a file or folder at the path that `file` names."""
        name = _joined(file.name, path)
        return name in self._read or (bool(file.path) and os.path.exists(name))  # noqa: PTH110

    def _open(self, path: str, *, is_named: bool) -> TextFile | None:
        key = os.path.normpath(path)
        absolute = os.path.abspath(key)  # noqa: PTH100
        if key not in self._read:
            # `../deployment/orthanc.json` may be `orthanc.json`.
            opened = self._opened.get(absolute)
            self._read[key] = opened or self._decoded(key, is_named=is_named)
            self._opened.setdefault(absolute, self._read[key])
        return self._read[key]

    def _decoded(self, path: str, *, is_named: bool) -> TextFile | None:
        try:
            # Opening a named pipe would wait for a writer.
            problem = self._size_problem(path, Path(path).stat())
            content = b"" if problem else Path(path).read_bytes()
        except OSError as error:
            problem, content = system_reason(error), b""
        text, encoding = text_of(content)
        if text is None:
            problem = "binary"
        if problem or text is None:
            self._note(UNREADABLE_SOURCE, f"cannot be read: {problem}", path)
            return None
        self._total += len(content)
        if encoding:
            self._note(OTHER_ENCODING, f"the file is {encoding}, not UTF-8", path)
        return TextFile(path, text, str(Path(path).absolute()), is_named=is_named)

    def _size_problem(self, path: str, status: os.stat_result) -> str:
        limit = _MAX_RECORDING_BYTES if Path(path).suffix.lower() in _RECORDINGS else _MAX_BYTES
        if not stat.S_ISREG(status.st_mode):
            return "not a regular file"
        if status.st_size > limit:
            return f"larger than {limit // (1024 * 1024)} MB"
        return "" if self._total + status.st_size <= 2 * _MAX_RECORDING_BYTES else "too much was read already"

    def _candidates(self, root: str) -> list[str]:
        """The files of a folder and its subfolders that may be a part of a deployment; those near the root first."""
        found: list[str] = []
        folders, seen = deque([root]), 0
        while folders:
            folder = folders.popleft()
            for entry in sorted(_entries(folder), key=lambda each: each.name):
                seen += 1
                if seen > _MAX_ENTRIES or len(found) >= _MAX_FILES:
                    limit = f"{_MAX_ENTRIES} entries" if seen > _MAX_ENTRIES else f"{_MAX_FILES} files"
                    self.unseen.append(f"`{root}` has more than {limit}. The others were not read.")
                    return found
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and entry.name not in _SKIPPED:
                        folders.append(entry.path)
                elif _is_candidate(entry.name):
                    found.append(entry.path)
        return found

    def _note(self, rule: Rule, message: str, path: str) -> None:
        self.findings.append(Finding(rule, message, Location(path, 1, 1)))


def _joined(name: str, path: str) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(name), path))  # noqa: PTH118, PTH120


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, _MAX_ENTRIES + 1))
    except OSError:
        return []


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116
    except (OSError, ValueError):  # a null character in a name
        return False


def _is_candidate(name: str) -> bool:
    if name.startswith("Dockerfile.") or name.endswith(".Dockerfile"):
        return True
    if name.startswith(".") and name not in _NAMES and not name.startswith(".env"):
        return False
    return name in _NAMES or name.startswith(".env") or os.path.splitext(name)[1].lower() in _SUFFIXES  # noqa: PTH122


def text_of(content: bytes) -> tuple[str | None, str]:
    """The text, and the encoding where it is not UTF-8; None for what is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "UTF-16"
    if b"\0" in content:
        for encoding in ("utf-16-le", "utf-16-be"):
            # Latin letters in UTF-16 without a mark: every other byte is null.
            start = 1 if encoding == "utf-16-le" else 0
            if not content[start:512:2].strip(b"\0"):
                return content.decode(encoding, errors="replace"), "UTF-16"
        return None, ""
    try:
        return content.decode(), ""
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "of another encoding"
