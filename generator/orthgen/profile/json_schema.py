"""
The profile's JSON Schema (draft 2020-12), for completion and validation in editors.

It says what one file can say by itself, and takes what the tool takes. Whether an overlay is complete, whether a
name exists elsewhere and what a release can do, only `orthgen validate` knows.

A profile that extends nothing is described apart from one that does: in an overlay any key may be missing, and
`null` removes one; in a list, which an overlay replaces whole, nothing differs. Each value has one alternative only,
so that editors offer and explain each key once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.field_types import KIND
from orthgen.profile.description import describe, parts, reference
from orthgen.profile.silencing import warnings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.profile.description import Description, Node

# The address of the published file, so that editors and SchemaStore find the same schema.
_ID = "https://raw.githubusercontent.com/orthgen/orthgen/main/profile.schema.json"
# Where a mapping may be written as one word. A pattern, because editors would offer a constant beside the keys.
_SHORTHANDS = {"Files": "volume", "SignIn": "accounts"}
# What is a number or a truth value to YAML and a text to a profile, where the text's pattern has it.
_NUMBERS, _TRUTHS = ("7", "2024", "1.5"), ("true", "false")


def json_schema() -> Node:
    """The schema of a profile, and of an overlay where it extends another."""
    described = describe()
    # An editor offers the ids.
    described.definitions["Silence"]["properties"]["finding"]["enum"] = [rule.id for rule in warnings()]
    patched = _patchable(described)
    definitions = {name: _mapping(node, frozenset(), name) for name, node in described.definitions.items()}
    for name in sorted(patched):
        definitions[_overlaid(name)] = _mapping(described.definitions[name], patched, name)
    definitions["Profile"] = _mapping(described.root, frozenset(), "Profile")
    overlay = _mapping(described.root, patched, "Profile")
    definitions[_overlaid("Profile")] = {**overlay, "type": "object", "required": ["orthgen", "extends"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _ID,
        "title": "orthgen profile",
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{_overlaid('Profile')}"},
        "else": {"$ref": "#/$defs/Profile"},
        "$defs": dict(sorted(definitions.items())),
    }


def _overlaid(name: str) -> str:
    return f"{name}InOverlay"


def _mapping(node: Node, patched: frozenset[str], name: str) -> Node:
    """A mapping; with `patched`, as an overlay has it: keys may be missing, and null takes the whole away."""
    schema = {key: value for key, value in node.items() if key not in {KIND, "properties", "title"}}
    if patched:
        schema.pop("required", None)
    schema["properties"] = {key: _value(value, patched) for key, value in node.get("properties", {}).items()}
    if name in _SHORTHANDS:
        schema |= {"type": ["object", "string"], "pattern": f"^{_SHORTHANDS[name]}$"}
    return _nullable(schema) if patched else schema


def _value(node: Node, patched: frozenset[str]) -> Node:
    """The schema of a key's value."""
    around: Node = {key: node[key] for key in ("description", "default") if key in node}
    alternatives = [part for part in parts(node) if part.get("type") != "null"]
    if "anyOf" in alternatives[0]:
        alternatives = [part for part in parts(alternatives[0]) if part.get("type") != "null"]
    value = _merged(alternatives, patched)
    return {**around, **(_nullable(value) if patched else value)}


def _merged(alternatives: list[Node], patched: frozenset[str]) -> Node:
    """A schema that accepts each alternative: a mapping or a word, a list or a word, a text or a number."""
    first, *alternatives_left = alternatives
    if "$ref" in first:
        name = reference(first)
        return {"$ref": f"#/$defs/{_overlaid(name) if name in patched else name}"}
    schema = {key: value for key, value in first.items() if key not in {KIND, "description", "default"}}
    if isinstance(schema.get("items"), dict):
        schema["items"] = _value(schema["items"], frozenset())
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _value(schema["additionalProperties"], patched)
    if schema.get("type") == "string":
        schema |= _as_plain_text(schema)
    for alternative in alternatives_left:
        schema = _both(schema, alternative, patched)
    return schema


def _both(node: Node, other: Node, patched: frozenset[str]) -> Node:
    """A word beside a list or a mapping (`all`, `[cardio]`), or nought beside a time span."""
    if other.get("const") == 0:
        return {**node, "type": ["string", "integer"], "minimum": 0, "maximum": 0}
    if "const" in node:
        return {
            **_merged([other], patched),
            "type": [other["type"], "string"],
            "pattern": f"^{node['const']}$",
        }
    raise NotImplementedError(f"alternatives {node} and {other}")


def _as_plain_text(node: Node) -> Node:
    """The types of a text that YAML reads as a number or a truth value."""
    if "enum" in node:
        numbers = [float(text) for text in node["enum"] if re.fullmatch(r"[0-9]+\.[0-9]*[1-9]", text)]
        return {"type": ["string", "number"], "enum": [*node["enum"], *numbers]} if numbers else {}
    pattern = node.get("pattern", "")
    types = ["string"]
    if any(re.search(pattern, number) for number in _NUMBERS):
        types.append("number")
    if any(re.search(pattern, truth) for truth in _TRUTHS):
        types.append("boolean")
    return {"type": types} if len(types) > 1 else {}


def _nullable(node: Node) -> Node:
    """The node, or null, which removes what another profile says."""
    if "$ref" in node:
        return node  # the mapping itself says so
    if "enum" in node:
        node = {**node, "enum": [*node["enum"], None]}
    if "const" in node:
        return {
            **{key: value for key, value in node.items() if key != "const"},
            "enum": [node["const"], None],
        }
    types = node.get("type", [])
    named = [types] if isinstance(types, str) else list(types)
    return {**node, "type": [*named, "null"]} if named else node


def _patchable(described: Description) -> frozenset[str]:
    """The mappings that can be reached without passing through a list."""
    names: set[str] = set()

    def reach(node: Node) -> Iterator[str]:
        for part in parts(node):
            if "$ref" in part:
                yield reference(part)
            elif "anyOf" in part:
                yield from reach(part)
            elif isinstance(part.get("additionalProperties"), dict):
                yield from reach(part["additionalProperties"])

    def walk(node: Node) -> None:
        for value in node.get("properties", {}).values():
            for name in reach(value):
                if name not in names:
                    names.add(name)
                    walk(described.definitions[name])

    walk(described.root)
    return frozenset(names)
