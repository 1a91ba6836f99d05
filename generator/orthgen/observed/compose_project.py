"""
Docker Compose projects: their files merged, `extends` and `include` resolved, variables replaced.

A project is the files that `docker compose` would read together.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.formats.yaml_io import parse_yaml
from orthgen.observed.compose_node import Node, merged, split_volume, tree
from orthgen.observed.inclusion import cycle
from orthgen.observed.recognise import TAGS, Recognised
from orthgen.observed.variables import Interpolation, Variable, read_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.formats.yaml_io import Document
    from orthgen.observed.files import Files, TextFile

UNRESOLVED_EXTENDS = Rule(
    "unresolved-extends",
    Severity.ERROR,
    summary="A service of a Compose file extends a service that does not exist, or itself.",
    remedy="Correct the name of the service, or remove `extends`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            extends: {service: common}
    """,
    consequence="Docker Compose starts nothing.",
    counterexample="""
        services:
          common:
            image: orthancteam/orthanc:26.8.1
          orthanc:
            extends: {service: common}
    """,
)
UNDEFINED_VARIABLE = Rule(
    "undefined-variable",
    Severity.WARNING,
    summary="A Compose file uses a variable that `.env` does not set and that has no default.",
    remedy="Set the variable in `.env`, or give it a default: `${NAME:-default}`.",
    file="docker-compose.yml",
    example="""
        ==> .env <==
        ORTHANC_TAG=26.8.1
        ==> docker-compose.yml <==
        services:
          orthanc:
            image: orthancteam/orthanc:${ORTHANC_TAGS}
    """,
    consequence="Docker Compose writes nothing in its place, unless the shell that starts it sets the variable.",
    counterexample="""
        ==> .env <==
        ORTHANC_TAG=26.8.1
        ==> docker-compose.yml <==
        services:
          orthanc:
            image: orthancteam/orthanc:${ORTHANC_TAG}
    """,
)

# The files that `docker compose` reads without `-f`, and their overrides.
_DEFAULTS = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDE = re.compile(r"(?:docker-)?compose\.override\.ya?ml")
_MAX_CHAIN = 50


class Project(Struct, frozen=True):
    """
    A Compose project. `services` leads from a name to the parts that make it up, the weakest first.

    `variables` are those of `.env`.
    """

    file: TextFile
    root: Node
    services: dict[str, tuple[Node, ...]]
    variables: dict[str, Variable]
    interpolate: Interpolation
    findings: tuple[Finding, ...]
    unseen: tuple[str, ...]
    files: frozenset[str]
    """The names of the Compose files that were read for it."""

    def service(self, name: str) -> Node:
        """The merged definition of a service."""
        parts = self.services[name]
        node = parts[0]
        for part in parts[1:]:
            node = merged(node, part)
        return node


def projects(files: Files, recognised: Sequence[Recognised]) -> tuple[list[Project], list[Recognised]]:
    """
    The projects of Compose files, and the files that belong to none.

    Files that the user named together are one project. In a folder it is the default file with its override; the
    others there are read with `-f` only, and nothing tells with which.
    """
    named = [each for each in recognised if each.file.is_named]
    groups = [named] if named else []
    folders: dict[PurePath, list[Recognised]] = {}
    for each in recognised:
        if not each.file.is_named:
            folders.setdefault(PurePath(each.file.name).parent, []).append(each)
    unread = []
    for members in folders.values():
        names = {PurePath(each.file.name).name: each for each in members}
        default = [names[name] for name in _DEFAULTS if name in names]
        override = [each for each in members if _OVERRIDE.fullmatch(PurePath(each.file.name).name)]
        others = [each for each in members if each not in default and each not in override]
        groups += [[default[0], *override]] if default else [[each] for each in others or override]
        unread += [*default[1:], *others] if default else []
    read: list[Project] = []
    opened: set[str] = set()
    for group in groups:
        if group[0].file.name not in opened:  # another project includes or extends it
            read.append(_Loader(files, group).project(group))
            opened |= read[-1].files
    return read, [each for each in unread if each.file.name not in opened]


def _project_directory(files: Files, group: Sequence[Recognised]) -> TextFile | None:
    """The parent folder where the paths of the files start there and not beside them; None otherwise."""
    first = group[0].file
    paths = {path for each in group if each.document is not None for path in _paths(each.document.value)}
    above = files.inside(first, "..")
    is_beside = any(files.exists(first, path) for path in paths)
    return above if not is_beside and any(files.exists(above, path) for path in paths) else None


def _paths(value: Any) -> Iterator[str]:
    """The relative paths of files and folders in a Compose file."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack += node.values()
        elif isinstance(node, list):
            stack += node
        elif isinstance(node, str) and node.startswith("./") and "$" not in node:
            yield split_volume(node)[0]


class _Loader:
    """The reader of one project."""

    def __init__(self, files: Files, group: Sequence[Recognised]) -> None:
        self.files = files
        self.first = group[0].file
        self.findings: list[Finding] = []
        self.unseen: list[str] = []
        above = _project_directory(files, group)
        self.base = above or self.first
        if above is not None:
            self.unseen.append(
                f"The paths of `{self.first.name}` start in the folder above, as with `--project-directory ..`."
            )
        self.parsed: dict[str, Node] = {}
        self.included: set[str] = set()
        self.variables: dict[str, Variable] = {}
        self.has_environment = False
        self.sample = ""
        self._read_environment()
        values = {name: variable.value for name, variable in self.variables.items()}
        self.interpolation = Interpolation(values, is_sample=bool(self.sample))

    def project(self, group: Sequence[Recognised]) -> Project:
        roots = [self._tree(each.document, self.base) for each in group if each.document is not None]
        roots = [each for root in roots for each in (*self._included(root, ()), root)]
        services: dict[str, tuple[Node, ...]] = {}
        for root in roots:
            nodes = root.get("services")
            for name, node in nodes.items() if nodes is not None else ():
                services[name] = (*services.get(name, ()), *self._extended(root, name, node, ()))
        whole = roots[0]
        for root in roots[1:]:
            whole = merged(whole, root)
        self._note_undefined(whole)
        return Project(
            self.first,
            whole,
            services,
            self.variables,
            self.interpolation,
            tuple(self.findings),
            tuple(dict.fromkeys(self.unseen)),
            frozenset(self.parsed),
        )

    def _read_environment(self) -> None:
        file = self.files.beside(self.base, ".env")
        if file is None:
            file = self.files.beside(self.base, ".env.example")
            self.sample = file.name if file is not None else ""
        else:
            self.has_environment = True
        if file is not None:
            self.variables, findings = read_environment(file)
            self.findings += findings

    def _tree(self, document: Document, base: TextFile) -> Node:
        root = tree(document, base, self.interpolation)
        self.parsed[document.file] = root
        return root

    def _open(self, by: Node, path: str) -> Node | None:
        """The tree of another Compose file, or None where it is not there."""
        file = self.files.beside(by.base, path)
        if file is None:
            self.unseen.append(
                f"`{path}`, which `{by.document.file}` names in line {by.location.line}, is not there."
            )
            return None
        if file.name not in self.parsed:
            document, findings = parse_yaml(
                file.text.removeprefix("\ufeff"), file.name, merge_keys=True, tags=TAGS
            )
            self.findings += findings
            self._tree(document, file)
        return self.parsed[file.name]

    def _included(self, root: Node, above: tuple[str, ...]) -> Iterator[Node]:
        """The files that `include` names, each once, those that they include first."""
        chain = (*above, root.document.file)
        self.included.add(root.document.file)
        include = root.get("include")
        for element in include.elements() if include is not None else ():
            for path in (element.get("path") or element).elements():
                other = self._open(path, path.text)
                if other is not None and other.document.file in chain:
                    self.findings.append(cycle(path.text, path.location))
                elif other is not None and len(chain) > _MAX_CHAIN:
                    self.unseen.append(
                        f"`{path.text}` is included through more than {_MAX_CHAIN} other files, and was not read there."
                    )
                elif other is not None and other.document.file not in self.included:
                    yield from self._included(other, chain)
                    yield other

    def _extended(
        self, root: Node, name: str, node: Node, above: tuple[tuple[str, str], ...]
    ) -> tuple[Node, ...]:
        """The services that this one extends, the weakest first, and itself."""
        extends = node.get("extends")
        if extends is None:
            return (node,)
        service = (extends.get("service") or extends).text
        where = extends.get("file")
        other = root if where is None else self._open(where, where.text)
        if other is None:
            return (node,)
        base = other.get("services", service)
        key = (other.document.file, service)
        message = ""
        if key in above or key == (root.document.file, name) or len(above) > _MAX_CHAIN:
            message = f"`{name}` extends itself"
        elif base is None:
            message = f"`{name}` extends `{service}`, which `{other.document.file}` does not have"
        if message or base is None:
            self.findings.append(Finding(UNRESOLVED_EXTENDS, message, extends.location))
            return (node,)
        return (*self._extended(other, service, base, (*above, (root.document.file, name))), node)

    def _note_undefined(self, root: Node) -> None:
        if self.sample and self.interpolation.used:
            sentence = (
                f"There is no `.env` beside `{self.first.name}`; `{self.sample}` was read in its place."
            )
            self.unseen.append(sentence)
        names = list(self.interpolation.undefined)
        if not names:
            return
        if not self.has_environment:
            listed = ", ".join(f"`{name}`" for name in names[:10]) + (
                " and others" if len(names) > 10 else ""
            )
            self.unseen.append(
                f"There is no `.env` beside `{self.first.name}`; the values of {listed} are not known."
            )
            return
        places = _uses(root, set(names))
        for name, place in places.items():
            hint = f"set it in `.env`, or write `${{{name}:-default}}`"
            message = f"`{name}` is not set in `.env` and has no default"
            self.findings.append(
                Finding(UNDEFINED_VARIABLE, message, place.location, hint, confidence=Confidence.LIKELY)
            )


def _uses(root: Node, names: set[str]) -> dict[str, Node]:
    """The first place of each variable that stayed in the tree."""
    places: dict[str, Node] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node.value, dict):
            stack += reversed(node.value.values())
        elif isinstance(node.value, list):
            stack += reversed(node.value)
        elif isinstance(node.value, str) and "${" in node.value:
            for name in re.findall(r"\$\{(\w+)\}", node.value):
                if name in names:
                    places.setdefault(name, node)
    return places
