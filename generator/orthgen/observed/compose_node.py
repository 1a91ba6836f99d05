"""
The tree of a Compose file, each part with its place, and how a later file changes an earlier one.

Mappings are merged, lists are joined, every other value is replaced (compose-spec, 13-merge.md). `!reset` removes a value
and `!override` replaces it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.formats.yaml_io import Document, Path, Plain, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orthgen.findings import Location
    from orthgen.observed.files import TextFile

# Lists of one meaning as a whole: the later file's replaces the earlier one's.
_REPLACED = frozenset({"command", "entrypoint", "test", "args"})
# Lists whose later entry for the same path in the container replaces the earlier one.
_BY_TARGET = frozenset({"volumes", "configs", "secrets", "devices"})
# Lists of `NAME=value` that may also be written as mappings.
_MAPPINGS = frozenset({"environment", "labels", "annotations", "sysctls", "extra_hosts"})


class Node(Struct, frozen=True):
    """
    A part of a Compose file with its place.

    `value` is a text, None, a mapping or a list of nodes. `base` is the file that relative paths in it start from.
    """

    value: Any
    document: Document
    path: Path
    base: TextFile

    @property
    def location(self) -> Location:
        """The position of the part."""
        return self.document.locate(self.path)

    @property
    def text(self) -> str:
        """The text of a scalar; empty for anything else."""
        return str(self.value) if isinstance(self.value, str) else ""

    def get(self, *keys: str) -> Node | None:
        """The part below these keys."""
        node: Node | None = self
        for key in keys:
            node = node.value.get(key) if node is not None and isinstance(node.value, dict) else None
        return node

    def items(self) -> Iterator[tuple[str, Node]]:
        """The entries of a mapping; nothing for anything else."""
        if isinstance(self.value, dict):
            yield from self.value.items()

    def elements(self) -> list[Node]:
        """The elements of a list; a single text is a list of one."""
        if isinstance(self.value, list):
            return self.value
        return [self] if isinstance(self.value, str) else []

    def plain(self) -> Any:
        """The data without places, plain scalars typed."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return typed(self.value)

    def locate(self, path: Path) -> Location:
        """The position of the value at a path of `plain`; of its nearest part where it is missing."""
        node = self
        for index, element in enumerate(path):
            inside = (
                {} if isinstance(node.value, str) else node.value
            )  # a text has elements that are no nodes
            try:
                node = inside[element]
            except (KeyError, IndexError, TypeError):
                return node.document.locate((*node.path, *path[index:]))
        return node.location


def tree(document: Document, base: TextFile, interpolate: Callable[[str], str]) -> Node:
    """The tree of a parsed file, its variables replaced."""

    def build(value: Any, path: Path) -> Node:
        if isinstance(value, dict):
            value = {key: build(item, (*path, key)) for key, item in value.items()}
        elif isinstance(value, list):
            value = [build(item, (*path, index)) for index, item in enumerate(value)]
        elif isinstance(value, str) and "$" in value:
            text = interpolate(value)
            value = Plain(text) if isinstance(value, Plain) else text
        return Node(value, document, path, base)

    return build(document.value, ())


def merged(below: Node, above: Node, key: str = "") -> Node:
    """`above` laid over `below`, under `key`."""
    if above.document.tag(above.path) == "!override":
        return above
    if key in _MAPPINGS:
        below, above = as_mapping(below), as_mapping(above)
    if isinstance(below.value, dict) and isinstance(above.value, dict):
        entries = dict(below.value)
        for name, node in above.value.items():
            if node.document.tag(node.path) == "!reset":
                entries.pop(name, None)
            else:
                entries[name] = merged(entries[name], node, name) if name in entries else node
        return Node(entries, above.document, above.path, above.base)
    if isinstance(below.value, list) and isinstance(above.value, list) and key not in _REPLACED:
        return Node(_joined(below.value, above.value, key), above.document, above.path, above.base)
    return above


def _joined(below: list[Node], above: list[Node], key: str) -> list[Node]:
    if key in _BY_TARGET:
        targets = {_target(node) for node in above}
        return [*(node for node in below if _target(node) not in targets), *above]
    written = [node.plain() for node in above]
    return [*(node for node in below if node.plain() not in written), *above]


def _target(node: Node) -> str:
    """The path in the container that an entry of `volumes`, `configs` or `secrets` fills."""
    target = node.get("target") or node.get("source")
    if target is not None:
        return target.text
    parts = split_volume(node.text)
    return parts[1] if len(parts) > 1 else parts[0]


def split_volume(text: str) -> list[str]:
    """The parts of `SOURCE:TARGET:MODE`; a colon behind a Windows drive or in a variable separates nothing."""
    parts, current, depth = [], "", 0
    for position, character in enumerate(text):
        is_drive = (
            character == ":"
            and len(current) == 1
            and current.isalpha()
            and text[position + 1 : position + 2] in {"\\", "/"}
        )
        depth += (text.startswith("${", position)) - (character == "}" and depth > 0)
        if character == ":" and not is_drive and not depth:
            parts.append(current)
            current = ""
        else:
            current += character
    return [*parts, current]


def as_mapping(node: Node) -> Node:
    """A list of `NAME=value` as a mapping; a name alone has no value."""
    if not isinstance(node.value, list):
        return node
    entries = {}
    for element in node.value:
        name, equals, value = element.text.partition("=")
        if not equals and ":" in name:  # `extra_hosts: ["host:address"]`
            name, equals, value = name.partition(":")
        if name:
            entries[name.strip()] = Node(
                value if equals else None, element.document, element.path, element.base
            )
    return Node(entries, node.document, node.path, node.base)
