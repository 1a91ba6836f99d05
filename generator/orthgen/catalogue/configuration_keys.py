"""
Trees of the configuration keys that Orthanc and its plugins read; diagnosis of unknown keys.

A tree's leaf is a word for the kind of value (`flag`, `number`, `text`, `list`, `any`); an object lists the
members of a section, `*` standing for any name that people choose; a list of one tree describes each element.
Values are not looked at below a leaf: this is about names only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from orthgen.catalogue import data
from orthgen.catalogue.versions import at_least
from orthgen.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Tree: TypeAlias = "str | dict[str, Tree] | list[Tree]"
KeyPath: TypeAlias = "tuple[str, ...]"


class Reason(StrEnum):
    """The reason why no component of a release reads a key."""

    NEVER = "never read"
    REMOVED = "removed"
    NEWER = "newer"
    UNKNOWN = "unknown"


class UnknownKey(Struct, frozen=True):
    """
    A key that nothing reads in a release.

    `use` is the path of the key to write instead, or None; `component` and `version` say who stopped
    reading it (REMOVED) or first reads it (NEWER); `why` is a clause, empty for a plain misspelling.
    Elements of a list appear in `path` by their number.
    """

    path: KeyPath
    reason: Reason
    use: KeyPath | None = None
    component: str = ""
    version: str = ""
    why: str = ""

    @property
    def hint(self) -> str:
        """The remedy, in one clause; empty where there is none."""
        instead = f"`{'.'.join(self.use)}`" if self.use else ""
        match self.reason:
            case Reason.REMOVED:
                removed = f"{self.component} {self.version} stopped reading it"
                return f"{removed}; use {instead}" if instead else removed
            case Reason.NEWER:
                return f"it is read from {self.component} {self.version} on"
            case Reason.NEVER:
                return f"use {instead}: {self.why}" if instead else self.why
            case Reason.UNKNOWN:
                return f"did you mean {instead}?" if instead else ""


def merged(components: Mapping[str, str]) -> dict[str, Tree]:
    """The tree of all keys that components of these versions read: from the top level of Orthanc's configuration."""
    tree: dict[str, Tree] = {}
    for component, version in components.items():
        since = data.key_file(component, version)
        if since is not None:
            tree.update(data.read(f"configuration_keys/{component}-{since}")["keys"])
    return tree


def knows(tree: Tree, path: Sequence[str]) -> bool:
    """Whether somebody reads the key at `path`; the numbers of list elements may stand in it or be left out."""
    for index, name in enumerate(path):
        if isinstance(tree, list):
            tree = tree[0]
            if name.isdigit():
                continue
        if not isinstance(tree, dict):
            return tree == "any" or (tree == "list" and all(part.isdigit() for part in path[index:]))
        below = tree.get(name, tree.get("*"))
        if below is None:
            return False
        tree = below
    return True


def unread(config: object, tree: Tree, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The paths in `config` that nobody reads, in the order of the file; not what lies below such a path."""
    if isinstance(tree, list) and isinstance(config, list):
        for index, element in enumerate(config):
            yield from unread(element, tree[0], (*path, str(index)))
    elif isinstance(tree, dict) and isinstance(config, dict):
        for name, value in config.items():
            below = tree.get(name, tree.get("*"))
            if below is None:
                yield (*path, name)
            else:
                yield from unread(value, below, (*path, name))


def explain(path: KeyPath, tree: dict[str, Tree], components: Mapping[str, str]) -> UnknownKey:
    """The diagnosis of the unread key at `path`, by the tree and the versions of a release."""
    names = tuple(part for part in path if not part.isdigit())
    for entry in data.read("superseded")["keys"]:
        if tuple(entry["key"].split(".")) == names:
            use = tuple(entry["use"].split(".")) if "use" in entry else None
            component, removed = entry.get("component", ""), entry.get("removed", "")
            reason = Reason.REMOVED if removed else Reason.NEVER
            return UnknownKey(path, reason, use, component, removed, entry["why"])
    newer = _newer(names, components)
    if newer is not None:
        return UnknownKey(path, Reason.NEWER, None, *newer)
    return UnknownKey(path, Reason.UNKNOWN, _nearest(names, tree))


def removed_keys() -> Iterator[UnknownKey]:
    """The keys that a later version of a component stopped reading."""
    for entry in data.read("superseded")["keys"]:
        if "removed" in entry and not entry.get("still-read"):
            path, use = tuple(entry["key"].split(".")), tuple(entry["use"].split("."))
            yield UnknownKey(path, Reason.REMOVED, use, entry["component"], entry["removed"], entry["why"])


def _newer(names: KeyPath, components: Mapping[str, str]) -> tuple[str, str] | None:
    """The component, and its first version in the catalogue, that reads the key but is newer than the release's."""
    for component, versions in data.key_files().items():
        has = components.get(component)
        for since in versions:
            if has is not None and at_least(has, since):
                continue
            if knows(data.read(f"configuration_keys/{component}-{since}")["keys"], names):
                return component, since
    return None


def _nearest(names: KeyPath, tree: Tree) -> KeyPath | None:
    """The path of the most similar key: the same name in another section, else a neighbour."""
    *above, name = names
    elsewhere = [path for path in paths(tree) if path[-1] == name]
    if len(elsewhere) == 1:
        return elsewhere[0]
    section = _element(tree)
    for part in above:
        section = _element(section.get(part, section.get("*", "any"))) if isinstance(section, dict) else "any"
    if isinstance(section, dict):
        close = nearest(name, [key for key in section if key != "*"])
        if close is not None:
            return (*above, close)
    return None


def _element(tree: Tree) -> Tree:
    return tree[0] if isinstance(tree, list) else tree


def paths(tree: Tree, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The paths of all keys in a tree, without the names that people choose."""
    tree = _element(tree)
    if isinstance(tree, dict):
        for name, below in tree.items():
            if name != "*":
                yield (*path, name)
                yield from paths(below, (*path, name))
