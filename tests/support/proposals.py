"""Texts that findings propose, and profiles with such a text in place of the wrong one."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import yaml

from orthgen.profile.model_lookup import field_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding

Path = tuple[str | int, ...]

_PROPOSED = re.compile(
    r"(?:write(?: it)?(?: as a list| in brackets)?:?|did you mean|confirm it:|such as|at least one:|from the top:|one:"
    r"|add|take) `([^`…]+)`(?! to a role| and `)"
)
_SECTION = re.compile(r"below `([a-z-]+):`")
_NAMES_A_KEY = re.compile(r"unknown key|is not a DICOM tag|is not a sign-in method|reads no key")


class _Loader(yaml.CSafeLoader):
    """A loader with the truth values of YAML 1.2, so that the key `on` stays a text."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), ["t", "f"])


def read(text: str) -> Any:
    """The value of a YAML text as orthgen reads it."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of CSafeLoader


def written(tree: Any) -> str:
    """The text of a profile."""
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=1000)


def proposal(finding: Finding) -> str | None:
    """The first text that a finding's hint proposes to write, as it is."""
    match = _PROPOSED.search(finding.hint)
    if match is None or finding.is_sensitive or finding.rule.id == "missing-key":
        return None
    return match[1]


def value_at(tree: Any, path: Path) -> Any:
    """The value at a path of a profile."""
    for element in path:
        tree = tree[element]
    return tree


def with_value(tree: Any, path: Path, value: Any) -> Any:
    """A copy of a profile with another value at a path."""
    changed = copy.deepcopy(tree)
    value_at(changed, path[:-1])[path[-1]] = value
    return changed


def with_key(tree: Any, path: Path, key: str) -> Any:
    """A copy of a profile with another key at a path, in the same order."""
    changed = copy.deepcopy(tree)
    parent = value_at(changed, path[:-1])
    items = [(key if name == path[-1] else name, item) for name, item in parent.items()]
    parent.clear()
    parent.update(items)
    return changed


def with_proposal(tree: Any, finding: Finding, text: str) -> Any:
    """A copy of a profile in which the author followed a finding's hint."""
    path = finding.path
    if (section := _SECTION.search(finding.hint)) is not None:
        return merged(tree, {section[1]: read(text)})
    if finding.rule.id == "invalid-name" or _NAMES_A_KEY.search(finding.message):
        return with_key(tree, path, text)
    value = read(text)
    if not isinstance(value, dict) or len(value) != 1:
        return with_value(tree, path, value)
    ((key, item),) = value.items()
    if isinstance(path[-1], int) and field_at((*path, key)) is not None:
        return with_value(tree, path, value)
    parent = next((path[:end] for end in range(len(path) - 1, -1, -1) if field_at((*path[:end], key))), None)
    if parent is None:
        return with_value(tree, path, value)
    return merged(tree, value) if parent == () and path[0] != key else with_value(tree, (*parent, key), item)


def merged(tree: Any, other: Any) -> Any:
    """A profile with the keys of another one added."""
    changed = dict(tree)
    for key, value in other.items():
        both = isinstance(changed.get(key), dict) and isinstance(value, dict)
        changed[key] = merged(changed[key], value) if both else value
    return changed


def paths(tree: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of every value of a profile, a parent before its parts."""
    if path:
        yield path
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield from paths(value, (*path, key))
