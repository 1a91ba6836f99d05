"""
Description of every key of a profile, made from the models: mappings, keys, kinds and defaults.

`profile.json_schema` makes the schema for editors of it, and `profile.reference` makes the page for people.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from orthgen.catalogue import releases
from orthgen.field_types import KIND
from orthgen.profile.root import Profile
from orthgen.viewers import VIEWERS

Node = dict[str, Any]

_WRONG_NAME = "not a valid name: names are lower-case letters, digits and dashes"
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
    """The default as an author writes it: nothing for a mapping, a text for a time span."""
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
    annotations = {key: value for key, value in node.items() if key in {"description", "default"}}
    if "anyOf" in node:
        return {**annotations, "anyOf": [chosen, {"type": "null"}]}
    return {**annotations, **chosen}
