"""
Trees of the configuration keys that Orthanc and its plugins read; diagnosis of unknown keys.

A tree's leaf is a word for the kind of value (`flag`, `number`, `text`, `list`, `any`); an object lists the
members of a section, `*` standing for any name that people choose; a list of one tree describes each element.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from orthgen.catalogue import data
from orthgen.catalogue.versions import at_least
from orthgen.spelling import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Tree: TypeAlias = "str | dict[str, Tree] | list[Tree]"
KeyPath: TypeAlias = "tuple[str, ...]"


class UnreadReason(StrEnum):
    """The reason why no component of a release reads a key."""

    NEVER = "never read"
    REMOVED = "removed"
    NEWER = "newer"
    UNKNOWN = "unknown"


class ValueKind(StrEnum):
    """The kind of value that a component reads at a key."""

    FLAG = "flag"
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"
    SECTION = "section"
    ANY = "any"


_TYPES: dict[ValueKind, type | tuple[type, ...]] = {
    ValueKind.FLAG: bool,
    ValueKind.NUMBER: (int, float),
    ValueKind.TEXT: str,
    ValueKind.LIST: (list, str),
    ValueKind.SECTION: dict,
    ValueKind.ANY: object,
}


class UnknownKey(Struct, frozen=True):
    """
    A key that nothing reads in a release.

    `use` is the path of the key to write instead, or None; `component` and `version` say who stopped
    reading it (REMOVED) or first reads it (NEWER); `why` is a clause, empty for a plain misspelling.
    Elements of a list appear in `path` by their number.
    """

    path: KeyPath
    reason: UnreadReason
    use: KeyPath | None = None
    component: str = ""
    version: str = ""
    why: str = ""

    @property
    def hint(self) -> str:
        """The remedy, in one clause; empty where there is none."""
        instead = f"`{'.'.join(self.use)}`" if self.use else ""
        match self.reason:
            case UnreadReason.REMOVED:
                removed = f"{self.component} {self.version} stopped reading it"
                return f"{removed}; use {instead}" if instead else removed
            case UnreadReason.NEWER:
                return f"it is read from {self.component} {self.version} on"
            case UnreadReason.NEVER:
                return f"use {instead}: {self.why}" if instead else self.why
            case UnreadReason.UNKNOWN:
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


def misfits(config: object, tree: Tree, path: KeyPath = ()) -> Iterator[tuple[KeyPath, ValueKind]]:
    """
    The paths of values of another kind than the component reads, each with that kind.

    Orthanc 1.12.7 and 1.13.0 and their plugins do not start with one. Elements of lists and what stands below a name that
    people choose are not judged: there several kinds are read. Instead of a list, plugins take one text.
    """
    if isinstance(tree, dict) and isinstance(config, dict):
        for name, value in config.items():
            if name in tree:
                yield from misfits(value, tree[name], (*path, name))
        return
    kind = (
        ValueKind.SECTION
        if isinstance(tree, dict)
        else ValueKind.LIST
        if isinstance(tree, list)
        else ValueKind(tree)
    )
    if not isinstance(config, _TYPES[kind]) or (isinstance(config, bool) and kind is ValueKind.NUMBER):
        yield path, kind


class KeyIndex:
    """Explanations of unread keys, by indexes of a release's tree and of the catalogue that many keys share."""

    def __init__(self, tree: dict[str, Tree], components: Mapping[str, str]) -> None:
        self._tree = tree
        self._components = components
        self._words: dict[KeyPath, Vocabulary] = {}

    def explain(self, path: KeyPath) -> UnknownKey:
        """The diagnosis of the unread key at `path`, by the tree and the versions of the release."""
        names = tuple(part for part in path if not part.isdigit())
        entry = _superseded().get(names)
        if entry is not None:
            use = tuple(entry["use"].split(".")) if "use" in entry else None
            component, removed = entry.get("component", ""), entry.get("removed", "")
            reason = UnreadReason.REMOVED if removed else UnreadReason.NEVER
            return UnknownKey(path, reason, use, component, removed, entry["why"])
        for component, since, keys in self._newer:
            if knows(keys, names):
                return UnknownKey(path, UnreadReason.NEWER, None, component, since)
        return UnknownKey(path, UnreadReason.UNKNOWN, self._nearest(names))

    @cached_property
    def _newer(self) -> list[tuple[str, str, Tree]]:
        """The trees of the versions that are newer than the release's: the component, the version, its keys."""
        return [
            (component, since, data.read(f"configuration_keys/{component}-{since}")["keys"])
            for component, versions in data.key_files().items()
            for since in versions
            if not at_least(self._components.get(component, "0"), since)
        ]

    @cached_property
    def _by_name(self) -> dict[str, list[KeyPath]]:
        by_name: dict[str, list[KeyPath]] = {}
        for path in paths(self._tree):
            by_name.setdefault(path[-1], []).append(path)
        return by_name

    def _nearest(self, names: KeyPath) -> KeyPath | None:
        """The path of the most similar key: the same name in another section, else a neighbour."""
        *above, name = names
        elsewhere = self._by_name.get(name, [])
        if len(elsewhere) == 1:
            return elsewhere[0]
        section = _element(self._tree)
        kind: KeyPath = ()
        for part in above:
            if not isinstance(section, dict):
                return None
            kind = (*kind, part if part in section else "*")
            section = _element(section.get(part, section.get("*", "any")))
        if not isinstance(section, dict):
            return None
        if kind not in self._words:
            self._words[kind] = Vocabulary(key for key in section if key != "*")
        close = self._words[kind].nearest(name)
        return (*above, close) if close is not None else None


@cache
def _superseded() -> dict[KeyPath, dict[str, str]]:
    """The entries about keys that are no longer read, or never were, by the path of each."""
    return {tuple(entry["key"].split(".")): entry for entry in data.read("superseded")["keys"]}


def removed_keys() -> Iterator[UnknownKey]:
    """The keys that a later version of a component stopped reading."""
    for entry in data.read("superseded")["keys"]:
        if "removed" in entry and not entry.get("still-read"):
            path, use = tuple(entry["key"].split(".")), tuple(entry["use"].split("."))
            yield UnknownKey(
                path, UnreadReason.REMOVED, use, entry["component"], entry["removed"], entry["why"]
            )


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
