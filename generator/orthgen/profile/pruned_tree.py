"""
A profile's tree without its malformed parts, so that the rest can be checked.

Where a required value is wrong or missing, one that fits takes its place: otherwise one missing key would hide
whatever else is wrong in its part of the profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.profile.model_lookup import field_at, placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pydantic_core import ErrorDetails

    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path

_Branches = dict[str | int, Any]


class PrunedTree:
    """The tree that remains, and where each of its parts stood before items of lists were removed."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree: Any = tree
        self._kept: dict[Path, list[int]] = {}

    def original(self, path: Path) -> Path:
        """The path that what is now at `path` has in the whole tree."""
        result: Path = ()
        for element in path:
            indexes = self._kept.get(result)
            is_mapped = indexes is not None and isinstance(element, int) and element < len(indexes)
            result = (*result, indexes[element] if is_mapped else element)  # type: ignore[index]
        return result

    def locating(self, locate: Callable[..., Location]) -> Callable[..., Location]:
        """`locate` for the paths of the tree that remains."""
        if not self._kept:
            return locate
        return lambda path, *, key=False: locate(self.original(path), key=key)

    def remove(self, paths: Sequence[Path]) -> None:
        """Take away what stands at the paths, or the nearest part around it."""
        if paths:
            branches = _branches(paths)
            self.tree = {} if branches is None else self._pruned(self.tree, branches, ())

    def repair(self, problems: Iterable[ErrorDetails]) -> None:
        """Take away what is wrong, and put something that fits where a required value is missing."""
        wrong: list[Path] = []
        for problem in problems:
            path = tuple(element for element in problem["loc"] if element != "[key]")
            field = field_at(path) if problem["type"] == "missing" else None
            value = placeholder(field) if field is not None else None
            if value is not None:
                self.tree = _with(self.tree, path, value)
            else:
                wrong.append(path[:-1] if problem["type"] == "missing" else path)
        self.remove(wrong)

    def _pruned(self, tree: Any, branches: _Branches, at: Path) -> Any:
        """A copy of the tree without what the branches end in."""
        if isinstance(tree, dict):
            return {
                key: self._pruned(value, branches[key], (*at, key)) if branches.get(key) else value
                for key, value in tree.items()
                if branches.get(key, _KEEP) is not None
            }
        if not isinstance(tree, list):
            return tree
        indexes = [index for index in range(len(tree)) if branches.get(index, _KEEP) is not None]
        items = [
            self._pruned(tree[index], branches[index], (*at, index)) if branches.get(index) else tree[index]
            for index in indexes
        ]
        whole = self.original(at)
        before = self._kept.get(whole)
        self._kept[whole] = indexes if before is None else [before[index] for index in indexes]
        return items


_KEEP: _Branches = {}


def _branches(paths: Iterable[Path]) -> _Branches | None:
    """The paths as a tree, in which None is an end; None if the root itself is one."""
    root: _Branches = {}
    for path in paths:
        if not path:
            return None
        branch = root
        for element in path[:-1]:
            below = branch.setdefault(element, {})
            if below is None:
                break  # it goes with what is around it
            branch = below
        else:
            branch[path[-1]] = None
    return root


def _with(tree: Any, path: Path, value: Any) -> Any:
    """A copy of the tree with `value` at `path`."""
    if not path:
        return value
    if isinstance(tree, list) and isinstance(path[0], int):
        return [*tree[: path[0]], _with(tree[path[0]], path[1:], value), *tree[path[0] + 1 :]]
    below = tree.get(path[0]) if isinstance(tree, dict) else None
    return {**(tree if isinstance(tree, dict) else {}), path[0]: _with(below, path[1:], value)}
