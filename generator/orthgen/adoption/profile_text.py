"""
Text of an adopted profile: YAML with a comment at each value. The only importer of `ruamel.yaml`.

PyYAML, which reads profiles, keeps and writes no comments (docs/contributing/architecture.md, "The YAML loader").
"""

from __future__ import annotations

import itertools
from io import StringIO
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString

from orthgen.formats.yaml_writer import flow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.adoption.draft import DraftEntry
    from orthgen.formats.yaml_io import Path

# No line is folded: a folded text reads like two values.
_WIDTH = 100_000


def profile_text(entries: Mapping[Path, DraftEntry], heading: Sequence[str]) -> str:
    """The profile of these entries below comment lines; the top-level keys stand apart, in the order of the entries."""
    root = CommentedMap()
    for path, entry in entries.items():
        _put(root, path, entry)
    for name in list(root)[1:]:
        root.yaml_set_comment_before_after_key(name, before="\n")
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(root, stream)
    comments = "".join(f"# {line}\n" if line else "#\n" for line in heading)
    return comments + stream.getvalue()


def _put(root: Any, path: Path, entry: DraftEntry) -> None:
    """Put the value of an entry at its path, and its places into a comment behind it."""
    node = root
    for element, following in itertools.pairwise(path):
        node = _child(node, element, is_list=isinstance(following, int))
    last = path[-1]
    if isinstance(node, CommentedSeq):
        node.append(_in_one_line(entry.value))
        last = len(node) - 1
    else:
        node[last] = _in_one_line(entry.value)
    if comment := _comment(entry):
        node.yaml_add_eol_comment(comment, last, column=0)


def _child(node: Any, element: str | int, *, is_list: bool) -> Any:
    """The mapping or list below a key or index, made where it is missing."""
    if isinstance(node, CommentedSeq):
        index = int(element)
        if index >= len(node):
            node.append(CommentedSeq() if is_list else CommentedMap())
        return node[min(index, len(node) - 1)]
    if element not in node:
        node[element] = CommentedSeq() if is_list else CommentedMap()
    return node[element]


def _in_one_line(value: Any, *, is_inside: bool = False) -> Any:
    """The value, mappings and lists in flow style; `is_inside`: it is inside braces or brackets."""
    if isinstance(value, dict):
        pairs = ((key, _in_one_line(item, is_inside=True)) for key, item in value.items())
        mapping = CommentedMap({_in_one_line(key, is_inside=True): item for key, item in pairs})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list | tuple):
        sequence = CommentedSeq(_in_one_line(item, is_inside=True) for item in value)
        sequence.fa.set_flow_style()
        return sequence
    # What ruamel.yaml (0.18) leaves without quotes or escapes, libyaml reads otherwise: `{a: :0}`, `{?0: a}`, a next line.
    if isinstance(value, str) and not value.isprintable():
        return DoubleQuotedScalarString(value)
    if is_inside and isinstance(value, str) and flow(str(value)) != value:
        return SingleQuotedScalarString(value)
    # Subclasses of text, by which a reader tells how a value was written, are unknown to the writer.
    return str(value) if isinstance(value, str) else value


def _comment(entry: DraftEntry) -> str:
    places = ", ".join(dict.fromkeys(str(place) for place in entry.places if place.file))
    parts = (f"from {places}" if places else "", entry.remark)
    return "; ".join(part for part in parts if part).replace("\n", " ")
