"""
Edits of a YAML file that leave every other character in its place: comments, quotes, blanks, order.

An edit replaces or inserts text at the positions of the node tree. A writer of whole files, also one that keeps comments,
would change indentation and quotes of lines that nobody edits. Each function returns the whole new text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.formats.merging import merged, nested
from orthgen.formats.yaml_io import parse_yaml, untyped
from orthgen.formats.yaml_writer import Raw, dump_yaml, flow, scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orthgen.formats.document import Document, Node, Path

_STEP = 2
_ANCHOR = re.compile(r"&\S+\s+")
# A longer mapping is written line by line.
_MAX_LINE_LENGTH = 100
_Edit = tuple[int, int, str]


class UnsuitableForm(ValueError):
    """The file is written in a form in which the edit would change something else: with aliases, for example."""


def rename(document: Document, keys: Mapping[Path, str], values: Mapping[Path, str]) -> str:
    """The text with other names of the keys at some paths, and other scalars at others, each in its old quotes."""
    nodes = [(_entry(document.node, path)[0], name) for path, name in keys.items()]
    nodes += [(_entry(document.node, path)[1], value) for path, value in values.items()]
    edits = [_replacement(document.text, node, value) for node, value in nodes]
    return _checked(document, edits, _renamed(document.value, (), keys, values))


def insert(
    document: Document, path: Path, value: Any, order: Sequence[str] = (), *, block: bool = False
) -> str:
    """
    The text with a value at a path of keys that it does not have yet; missing mappings above it are made.

    `order` is the order of top-level keys. `block`: the value is written line by line if no sibling shows another style.
    """
    node, depth = document.node, 0
    while depth < len(path) and node is not None and node.id == "mapping":
        step = _entry_or_none(node, path[depth])
        if step is None:
            break
        key, node = step
        depth += 1
    if node is None or depth == len(path):
        raise UnsuitableForm(f"{path} has a value already")
    expected = merged(document.value, nested(path, untyped(value)))
    value = nested(path[depth + 1 :], value)
    name = str(path[depth])
    if node.id == "mapping" and node.flow_style:
        edit = _into_flow(document.text, node, f"{flow(name)}: {flow(value)}")
    elif node.id == "mapping":
        previous = _previous(node, name, order if depth == 0 else ())
        is_block = depth == 0 or _is_block(previous[1], otherwise=block)
        lines = _lines(name, value, block=is_block)
        edit = _below(
            document.text, node.value[0][0].start_mark.column, previous, lines, is_section=depth == 0
        )
    else:  # a key without a value
        indent = key.start_mark.column + _STEP
        edit = _below(document.text, indent, (key, node), _lines(name, value, block=block), is_section=False)
    return _checked(document, [edit], expected)


def append(document: Document, path: Path, item: str) -> str:
    """The text with one more item at the end of the list at `path`."""
    node = _entry(document.node, path)[1]
    old: Any = document.value
    for element in path:
        old = old[element]
    expected = merged(document.value, nested(path, [*old, item]))
    if node.flow_style:
        edit = _into_flow(document.text, node, flow(item))
    else:
        dash = document.text.rindex("-", 0, node.value[0].start_mark.index)
        indent = dash - (document.text.rfind("\n", 0, dash) + 1)
        position = _end_of_line(document.text, _end(node.value[-1]))
        edit = _line(document.text, position, " " * indent + f"- {flow(item)}")
    return _checked(document, [edit], expected)


# ------------------------------------------------------------------------------------------------- results


def _renamed(value: Any, path: Path, keys: Mapping[Path, str], values: Mapping[Path, str]) -> Any:
    if path in values:
        return values[path]
    if isinstance(value, dict):
        return {
            keys.get((*path, key), key): _renamed(item, (*path, key), keys, values)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_renamed(item, (*path, index), keys, values) for index, item in enumerate(value)]
    return value


def _checked(document: Document, edits: Iterable[_Edit], expected: Any) -> str:
    """The text with all edits, each at its place once; UnsuitableForm where another value than `expected` results."""
    text = document.text
    for start, end, replacement in sorted(set(edits), reverse=True):
        text = text[:start] + replacement + text[end:]
    after, findings = parse_yaml(text, document.file)
    if findings or after.value != expected:
        raise UnsuitableForm(document.file)
    return text


# ---------------------------------------------------------------------------------------------- positions


def _entry_or_none(node: Node, element: str | int) -> tuple[Node, Node] | None:
    if node.id == "mapping":
        return next(((key, value) for key, value in node.value if key.value == element), None)
    if node.id == "sequence" and isinstance(element, int) and element < len(node.value):
        return node, node.value[element]
    return None


def _entry(node: Node | None, path: Path) -> tuple[Node, Node]:
    """Key and value at a path that exists."""
    step: tuple[Node, Node] | None = None
    for element in path:
        step = _entry_or_none(node, element) if node is not None else None
        if step is None:
            raise UnsuitableForm(f"{path} does not exist")
        node = step[1]
    assert step is not None  # noqa: S101 - no caller asks for the root
    return step


def _end(node: Node) -> int:
    """The position behind the last character of a node; a block collection's own mark is behind the comments after it."""
    if node.id == "scalar" or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if node.id == "mapping" else last)


def _end_of_line(text: str, position: int) -> int:
    """The end of the line that has the character before `position`, without its line break."""
    while position and text[position - 1] in "\r\n":  # a text in several lines ends behind its line break
        position -= 1
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _after_comments(text: str, position: int, indent: int) -> int:
    """The end of the comment lines that follow at `position` and are indented like the entries, or deeper."""
    pattern = re.compile(rf"\r?\n[ ]{{{indent},}}#[^\r\n]*")
    while match := pattern.match(text, position):
        position = match.end()
    return position


def _previous(node: Node, name: str, order: Sequence[str]) -> tuple[Node, Node]:
    """The entry after which a new key comes: the nearest one before it in `order`, or the last."""
    if name in order:
        before = order[: order.index(name)]
        entries = [(key, value) for key, value in node.value if key.value in before]
        if entries:
            return entries[-1]
    key, value = node.value[-1]
    return key, value


# ---------------------------------------------------------------------------------------------------- texts


def _replacement(text: str, node: Node, value: str) -> _Edit:
    start, end = node.start_mark.index, node.end_mark.index
    if anchor := _ANCHOR.match(text, start, end):
        start = anchor.end()
    if node.style == '"':
        return start, end, '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
    if node.style == "'":
        return start, end, "'" + value.replace("'", "''") + "'"
    return start, end, flow(value)


def _into_flow(text: str, node: Node, entry: str) -> _Edit:
    """The entry behind the last one between braces or brackets."""
    if node.value:
        last = node.value[-1]
        position = _end(last[1] if node.id == "mapping" else last)
        return position, position, f", {entry}"
    closing = node.end_mark.index - 1
    opening = text.rindex("{" if node.id == "mapping" else "[", 0, closing)
    return opening + 1, closing, entry


def _is_block(sibling: Node, *, otherwise: bool) -> bool:
    """Whether a new mapping is written line by line, as its sibling is."""
    return not sibling.flow_style if sibling.id == "mapping" and sibling.value else otherwise


def _below(
    text: str, indent: int, previous: tuple[Node, Node], lines: Sequence[str], *, is_section: bool
) -> _Edit:
    """The lines of an entry, after the previous entry and the comments below that."""
    position = _end_of_line(text, max(_end(previous[1]), previous[0].end_mark.index))
    position = _after_comments(text, position, indent or _STEP)
    entry = "\n".join(" " * indent + line if line else "" for line in lines)
    return _line(text, position, f"\n{entry}" if is_section and _has_blank_lines(text) else entry)


def _has_blank_lines(text: str) -> bool:
    return re.search(r"\n\r?\n\S", text) is not None


def _lines(name: str, value: Any, *, block: bool) -> list[str]:
    line = f"{scalar(name)}: {flow(value)}"
    if isinstance(value, dict) and value and (block or len(line) > _MAX_LINE_LENGTH):
        return dump_yaml({name: {key: _inner(item) for key, item in value.items()}}).splitlines()
    return [line]


def _inner(value: Any) -> Any:
    """The value as block style has it: short mappings and lists of scalars in one line, others line by line."""
    if isinstance(value, dict):
        is_flat = not any(_has_mappings(item) for item in value.values())
        if is_flat and len(flow(value)) <= _MAX_LINE_LENGTH:
            return Raw(flow(value))
        return {key: _inner(item) for key, item in value.items()}
    if isinstance(value, list):
        return [Raw(flow(item)) for item in value] if _has_mappings(value) else Raw(flow(value))
    return value


def _has_mappings(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(item, dict) for item in value)
    )


def _line(text: str, position: int, line: str) -> _Edit:
    """The line (or lines) behind the one that ends at `position`, with the line breaks of the file."""
    separator = "\r\n" if "\r\n" in text else "\n"
    ending = "" if position < len(text) else separator
    return position, position, (separator + line.replace("\n", separator) + ending)
