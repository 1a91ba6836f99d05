"""
The profile's JSON Schema, made from the models, for editors: completion, hover, errors while one types.

It says what one file can say by itself. Whether an overlay is complete, whether a name exists elsewhere and what
a release can do, only `orthgen validate` knows. `profile.reference` makes the page for people from the same source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.catalogue import releases
from generator.profile.base import KIND
from generator.profile.root import Profile
from generator.viewers import VIEWERS

if TYPE_CHECKING:
    from collections.abc import Iterator

Node = dict[str, Any]

# Where a mapping may be written as one word.
_WORDS = {"Files": "volume", "SignIn": "accounts"}
_WRONG_NAME = "not a name that can stand here: names are lower-case letters, digits and dashes"
_SPANS = (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


class Description(Struct, frozen=True):
    """The profile's root and every mapping in it, tidied: no titles, defaults in the author's words, names checked."""

    root: Node
    definitions: dict[str, Node]

    def target(self, node: Node) -> Node:
        """The mapping that a reference points to."""
        return self.definitions[reference(node)]


def reference(node: Node) -> str:
    """The name of the definition that `node` refers to."""
    return str(node["$ref"].rsplit("/", 1)[-1])


def parts(node: Node) -> list[Node]:
    """The alternatives that a node allows, or the node itself."""
    return node.get("anyOf") or [node]


def describe() -> Description:
    """The models as JSON Schema says it, each node still with its kind (`KIND`) in words."""
    schema = Profile.model_json_schema(by_alias=True, mode="validation")
    definitions = {name: _tidied(node) for name, node in schema.pop("$defs").items()}
    root = _tidied(schema)
    root["properties"]["release"] = _one_of(root["properties"]["release"], releases())
    names = tuple(viewer.name for viewer in VIEWERS)
    for owner, key in (("Viewers", "default"), ("Sharing", "viewer")):
        properties = definitions[owner]["properties"]
        properties[key] = _one_of(properties[key], names)
    return Description(root, definitions)


def json_schema() -> Node:
    """JSON Schema (draft 2020-12). A profile with `extends` may leave out whatever is not in a list."""
    described = describe()
    whole = _needs(described.root, described)
    in_overlays = _patchable(described)
    definitions = {}
    for name, node in described.definitions.items():
        # An overlay replaces a list whole, so what stands in one is complete; anything else may be patched.
        kept = {key: value for key, value in node.items() if key != "required" or name not in in_overlays}
        definitions[name] = {"anyOf": [kept, {"const": _WORDS[name]}]} if name in _WORDS else kept
    root = {key: value for key, value in described.root.items() if key != "required"}
    schema: Node = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "orthgen profile",
        **root,
        "required": ["orthgen"],
        "if": {"not": {"required": ["extends"]}},
        "then": whole,
        "$defs": definitions,
    }
    return dict(_without_kind(schema))


# ------------------------------------------------------------------------------------------------ tidying


def _tidied(node: Any) -> Any:
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    # Pydantic's titles repeat the keys.
    tidy = {
        key: _tidied(value) for key, value in node.items() if key not in {"title", "default", "properties"}
    }
    if "properties" in node:
        tidy["properties"] = {key: _tidied(value) for key, value in node["properties"].items()}
    default = _default(node)
    if default is not None:
        tidy["default"] = default
    if "patternProperties" in tidy:
        # As it stands, a name of the wrong shape would be any key, and its value anything.
        ((pattern, value),) = tidy.pop("patternProperties").items()
        tidy["propertyNames"] = {"pattern": pattern, "patternErrorMessage": _WRONG_NAME}
        tidy["additionalProperties"] = {"anyOf": [value, {"type": "null"}]}
    return tidy


def _default(node: Node) -> Any:
    """What an author would write for the default: nothing for a mapping, words for a time span."""
    value = node.get("default")
    if isinstance(value, dict):
        return None
    is_span = any(part.get(KIND) == "a time span" for part in parts(node)) or node.get(KIND) == "a time span"
    return span(value) if is_span and value is not None else value


def span(seconds: int) -> str:
    """A time span as people write it: `15d`, `1h`."""
    if seconds == 0:
        return "0"
    unit, size = next(((unit, size) for unit, size in _SPANS if seconds % size == 0), _SPANS[-1])
    return f"{seconds // size}{unit}"


def _one_of(node: Node, values: tuple[str, ...]) -> Node:
    """`node`, with its text bound to `values`; whether it may be null stays as it is."""
    chosen: Node = {"type": "string", "enum": list(values)}
    rest = {key: value for key, value in node.items() if key in {"description", "default"}}
    if "anyOf" in node:
        return {**rest, "anyOf": [chosen, {"type": "null"}]}
    return {**rest, **chosen}


def _without_kind(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_kind(value) for key, value in node.items() if key != KIND}
    return [_without_kind(item) for item in node] if isinstance(node, list) else node


# ------------------------------------------------------------------------------- what a whole profile needs


def _needs(node: Node, described: Description) -> Node:
    """A schema of nothing but the required keys below `node`, for a profile that extends no other."""
    if "$ref" in node:
        below = _needs(described.target(node), described)
        return below if reference(node) in _WORDS else {"type": "object", **below}
    if "anyOf" in node:
        alternatives = [
            _needs(part, described) for part in node["anyOf"] if "$ref" in part or "items" in part
        ]
        return {key: value for each in alternatives for key, value in each.items() if key != "type"}
    needs: Node = {"required": node["required"]} if "required" in node else {}
    properties = {
        key: below for key, value in node.get("properties", {}).items() if (below := _needs(value, described))
    }
    if properties:
        needs["properties"] = properties
    for key in ("items", "additionalProperties"):
        # Whoever extends nothing has no name to remove with null: the first alternative is meant.
        if isinstance(node.get(key), dict) and (below := _needs(parts(node[key])[0], described)):
            needs[key] = below
    return needs


def _patchable(described: Description) -> set[str]:
    """The mappings that can be reached without passing through a list."""
    found: set[str] = set()

    def reach(node: Node) -> Iterator[str]:
        for part in parts(node):
            if "$ref" in part:
                yield reference(part)
            elif isinstance(part.get("additionalProperties"), dict):
                yield from reach(part["additionalProperties"])

    def walk(node: Node) -> None:
        for value in node.get("properties", {}).values():
            for name in reach(value):
                if name not in found:
                    found.add(name)
                    walk(described.definitions[name])

    walk(described.root)
    return found
