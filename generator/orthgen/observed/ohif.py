"""Reader of OHIF's app-config.js: the object that is data, without the values that are code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.findings import Confidence, Finding, Location, Rule, Severity
from orthgen.observed.settings import Layer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from orthgen.formats.yaml_io import Path
    from orthgen.observed.files import TextFile

INVALID_APP_CONFIG = Rule(
    "invalid-app-config",
    Severity.ERROR,
    summary="OHIF's app-config.js is not valid JavaScript.",
    remedy="Look at the line that the finding shows: most often a comma, a quote or a bracket is missing.",
    file="app-config.js",
    example="""
        window.config = {
          routerBasename: '/ohif'
          dataSources: [],
        };
    """,
    consequence="OHIF shows an empty page.",
    counterexample="""
        window.config = {
          routerBasename: '/ohif',
          dataSources: [],
        };
    """,
)

_MAX_NESTING = 60
_MAX_CHARACTERS = 256 * 1024
_CODE = object()
# Mistakes beyond this number follow from the ones before.
_MAX_MISTAKES = 3


def read_ohif(file: TextFile) -> tuple[Settings, list[Finding]]:
    """The settings of an app-config.js, and its mistakes."""
    if len(file.text) > _MAX_CHARACTERS:
        place = Location(file.name, 1, 1)
        message = f"not read: longer than {_MAX_CHARACTERS // 1024} kB"
        return Settings(), [Finding(INVALID_APP_CONFIG, message, place, confidence=Confidence.LIKELY)]
    # Seldom needed.
    import tree_sitter_javascript  # noqa: PLC0415
    from tree_sitter import Language, Parser  # noqa: PLC0415

    source = file.text.encode("utf-8", errors="replace")
    root = Parser(Language(tree_sitter_javascript.language())).parse(source).root_node
    places = _Places(file)
    findings = [
        Finding(
            INVALID_APP_CONFIG,
            "not valid JavaScript: something is missing or too much here",
            places.of(node),
            "look at the end of the line above, too",
            confidence=Confidence.LIKELY,
        )
        for node in _mistakes(root)
    ]
    config = _config(root)
    if config is None:
        return Settings(), findings
    value = _value(config, places, (), 0)
    if isinstance(value, dict) and "oidc" not in value:
        value |= _sign_in(root, places)
    return Settings((Layer(file.name, value, places.locate),)), findings


class _Places:
    """The places of the values by their paths; the parser counts bytes, people count characters."""

    def __init__(self, file: TextFile) -> None:
        self.file = file
        self.lines = file.text.split("\n")
        self.nodes: dict[Path, Location] = {}

    def of(self, node: Node) -> Location:
        row, column = node.start_point
        line = self.lines[row] if row < len(self.lines) else ""
        before = line.encode("utf-8", errors="replace")[:column].decode("utf-8", errors="replace")
        return Location(self.file.name, row + 1, len(before) + 1)

    def locate(self, path: Path) -> Location:
        return self.nodes.get(path, Location(self.file.name, 1, 1))


def _descendants(root: Node) -> Iterator[Node]:
    """Every node, the outer ones first."""
    level = [root]
    while level:
        yield from level
        level = [child for node in level for child in node.children]


def _mistakes(root: Node) -> list[Node]:
    if not root.has_error:
        return []
    wrong = [node for node in _descendants(root) if node.is_error or node.is_missing]
    return sorted(wrong, key=lambda node: node.start_byte)[:_MAX_MISTAKES]


def _config(root: Node) -> Node | None:
    """The object that has `dataSources`, or else the one that is given to `window.config`."""
    objects = [node for node in _descendants(root) if node.type == "object"]
    for node in objects:
        if any(key == "dataSources" for key, _ in _entries(node)):
            return node
    for node in objects:
        parent = node.parent
        if (
            parent is not None
            and parent.type == "assignment_expression"
            and b"config" in (parent.text or b"")
        ):
            return node
    return None


def _sign_in(root: Node, places: _Places) -> dict[str, Any]:
    """The setting `oidc` of another object, which a script adds where somebody has to sign in."""
    for node in _descendants(root):
        for key, value in _entries(node) if node.type == "object" else ():
            if key == "oidc" and value.type == "array":
                return {key: _value(value, places, (key,), 1)}
    return {}


def _entries(node: Node) -> Iterator[tuple[str, Node]]:
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if pair.type == "pair" and key is not None and value is not None:
            yield _text(key).strip("'\""), value


def _value(node: Node, places: _Places, path: Path, depth: int) -> Any:
    """The data of a node; `_CODE` for what is none."""
    places.nodes[path] = places.of(node)
    if depth > _MAX_NESTING:
        return _CODE
    if node.type == "object":
        entries = ((key, _value(value, places, (*path, key), depth + 1)) for key, value in _entries(node))
        return {key: value for key, value in entries if value is not _CODE}
    if node.type == "array":
        elements = [child for child in node.named_children if child.type != "comment"]
        values = [_value(child, places, (*path, index), depth + 1) for index, child in enumerate(elements)]
        return [None if value is _CODE else value for value in values]
    return _scalar(node)


def _scalar(node: Node) -> Any:
    match node.type:
        case "string":
            return "".join(_text(child) for child in node.named_children)
        case "template_string" if not any(child.type == "template_substitution" for child in node.children):
            return _text(node)[1:-1]
        case "number":
            return _number(_text(node))
        case _:
            return {"true": True, "false": False, "null": None}.get(node.type, _CODE)


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", errors="replace")
