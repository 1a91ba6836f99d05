"""Inclusion of other files: `include` of Compose and nginx, `import` of Caddy, `Include` of Apache."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING, Protocol

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.blocks import Block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from orthgen.findings import Location
    from orthgen.observed.container_file import ContainerFile
    from orthgen.observed.files import TextFile

INCLUDE_CYCLE = Rule(
    "include-cycle",
    Severity.ERROR,
    summary="A file of Docker Compose, Caddy or Apache includes itself, or a file that includes it.",
    remedy="Remove one of the lines by which it comes back to itself.",
    file="docker-compose.yml",
    example="""
        ==> docker-compose.yml <==
        include: [viewers.yml]
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
        ==> viewers.yml <==
        include: [docker-compose.yml]
        services:
          ohif:
            image: ohif/app:v3.13.2
    """,
    consequence="Docker Compose starts nothing. Caddy and Apache do not start, or keep their old configuration.",
    counterexample="""
        ==> docker-compose.yml <==
        include: [viewers.yml]
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
        ==> viewers.yml <==
        services:
          ohif:
            image: ohif/app:v3.13.2
    """,
)

_MAX_INCLUDES = 200
_MAX_WORD_CHARACTERS = 10_000


def cycle(name: str, location: Location) -> Finding:
    """The finding about an inclusion that leads back to a file, or a snippet, that is being read."""
    message = f"`{name}` is included again by what it includes"
    return Finding(INCLUDE_CYCLE, message, location, "remove this line, or the one that leads here")


class IncludedFiles(Protocol):
    """The files that a configuration can include."""

    def included(self, pattern: str, by: TextFile) -> Sequence[TextFile]:
        """The files of an `include` directive in the file `by`."""


class ContainerFiles:
    """The files in a container. A relative path starts from the folder of the file that names it, or from `root`."""

    def __init__(self, files: Sequence[ContainerFile], root: str = "") -> None:
        self.files = {file.path: file.file for file in files}
        self.root = root
        self.included_names: set[str] = set()

    def included(self, pattern: str, by: TextFile) -> Sequence[TextFile]:
        """The files at the paths that the pattern fits, in the order of the paths; of a folder all."""
        own = next((path for path, file in self.files.items() if file is by), "/")
        whole = normpath(PurePosixPath(self.root or PurePosixPath(own).parent) / pattern)
        fitting = [
            file
            for path, file in sorted(self.files.items())
            if path == whole or (file is not by and (_fits(path, whole) or path.startswith(f"{whole}/")))
        ]
        self.included_names |= {file.name for file in fitting if file is not by}
        return fitting


def _fits(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)


class LooseFiles:
    """Files without a container, by their names."""

    def __init__(self, files: Sequence[TextFile]) -> None:
        self.files = files
        self.included_names: set[str] = set()

    def included(self, pattern: str, by: TextFile) -> Sequence[TextFile]:
        """The files whose paths end as the pattern says; the longest tail that fits decides."""
        parts = PurePosixPath(pattern).parts
        for start in range(len(parts)):
            tail = "/".join(parts[start:]).lstrip("/")
            fitting = [
                file for file in self.files if file is not by and fnmatchcase(f"/{file.name}", f"*/{tail}")
            ]
            if fitting and tail not in {"*", "*.conf"}:
                self.included_names |= {file.name for file in fitting}
                return fitting
        return ()


class Expansion:
    """The replacement of the lines that include others by the lines of the included files."""

    def __init__(
        self, names: frozenset[str], files: IncludedFiles, parse: Callable[[TextFile], Block]
    ) -> None:
        self.names = names
        self.files = files
        self.parse = parse
        self.snippets: dict[str, Block] = {}
        self.includes = 0
        self.findings: list[Finding] = []

    def of(self, file: TextFile) -> Block:
        """The blocks of a file with all that it includes."""
        root = self.parse(file)
        return Block(root.words, root.location, list(self._lines(root, file, (file.name,))))

    def _lines(self, block: Block, file: TextFile, above: tuple[str, ...]) -> Iterator[Block]:
        for line in block.inside:
            if line.words and line.words[0].startswith("(") and line.words[0].endswith(")"):
                self.snippets[line.words[0][1:-1]] = line
            elif line.name in self.names and len(line.words) > 1:
                yield from self._included(line, file, above)
            else:
                yield Block(line.words, line.location, list(self._lines(line, file, above)))

    def _included(self, line: Block, file: TextFile, above: tuple[str, ...]) -> Iterator[Block]:
        pattern, arguments = line.words[1], line.words[2:]
        values = {f"{{args[{index}]}}": value for index, value in enumerate(arguments)}
        values |= {f"{{args.{index}}}": value for index, value in enumerate(arguments)}
        snippet = self.snippets.get(pattern)
        blocks = [(f"({pattern})", snippet, file)] if snippet is not None else []
        if snippet is None:
            blocks = [(each.name, self.parse(each), each) for each in self.files.included(pattern, file)]
        for name, block, source in blocks:
            self.includes += 1
            if name in above:
                self.findings.append(cycle(pattern, line.location))
            elif self.includes <= _MAX_INCLUDES:
                for inner in self._lines(block, source, (*above, name)):
                    yield _substituted(inner, values) if values else inner


def _substituted(block: Block, values: Mapping[str, str]) -> Block:
    def replaced(word: str) -> str:
        for name, value in values.items():
            word = word.replace(name, value)[:_MAX_WORD_CHARACTERS]
        return word

    words = tuple(map(replaced, block.words))
    return Block(words, block.location, [_substituted(each, values) for each in block.inside])
