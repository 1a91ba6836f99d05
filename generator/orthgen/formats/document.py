"""A parsed file with the position of each part, whatever the format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.findings import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Path = tuple[str | int, ...]


# A node of PyYAML's tree; `id` tells scalars, sequences and mappings apart. One module imports PyYAML, and not this one.
Node = Any
_SCALAR, _SEQUENCE, _MAPPING = "scalar", "sequence", "mapping"
_MAX_MERGE_NESTING = 20
_Step = tuple[Node | None, Node]
_Entries = dict[int, dict[str, _Step]]


class Plain(str):
    """A scalar that was written without quotes."""

    __slots__ = ()


class Document(Struct, frozen=True, eq=False):
    """A parsed file: its value, with the position of each part."""

    file: str
    text: str
    value: Any
    compose: Callable[[], Node | None] = lambda: None
    """The node tree that knows the places. JSON composes it only when somebody asks for one."""
    _entries: _Entries = {}
    """The entries of the mappings that were asked for: a mapping of 20,000 keys is searched once, not per key."""

    @property
    def node(self) -> Node | None:
        """The root of the node tree; None where the file did not parse."""
        return self.compose()

    def depth(self, path: Path) -> int:
        """The number of leading elements of `path` that exist in this document."""
        return len(self._walk(path))

    def locate(self, path: Path, *, key: bool = False) -> Location:
        """
        The position of the value at `path`, or of its key; else of the nearest part that exists.

        A mapping or list that starts below its key is located at the key: that is where an author looks.
        """
        steps = self._walk(path)
        if not steps:
            mark = self.node.start_mark if self.node is not None else None
            return Location(self.file, mark.line + 1, mark.column + 1) if mark else Location(self.file, 1, 1)
        key_node, value_node = steps[-1]
        at_key = key or len(steps) < len(path) or value_node.id != _SCALAR
        node = key_node if at_key and key_node is not None else value_node
        return Location(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def embedded(self, path: Path) -> str | None:
        """
        The text that the scalar at `path` holds, below blank lines and blanks, so that its places are those of the file.

        None where the text does not stand in the file as it is: in a folded scalar, or with escapes.
        """
        node = self._value_node(path)
        if node is None or node.id != _SCALAR:
            return None
        start, end = node.start_mark, node.end_mark
        lines = self.text.removeprefix("\ufeff").split("\n")
        if node.style == "|":
            first, last = start.line + 1, end.line + 1 if end.column else end.line
            return "\n".join([*[""] * first, *lines[first:last], ""])
        column = start.column + (1 if node.style else 0)
        is_verbatim = lines[start.line][column:].startswith(node.value) and "\n" not in node.value
        above = "\n" * start.line + " " * column
        return f"{above}{node.value}" if is_verbatim else None

    def repeated_keys(self) -> Iterator[tuple[Path, Location, Location]]:
        """Each key that a mapping has twice, with its first place and the one after it."""
        stack: list[tuple[Path, Node | None]] = [((), self.node)]
        while stack:
            path, node = stack.pop()
            if node is None or node.id == _SCALAR:
                continue
            if node.id == _SEQUENCE:
                stack += [((*path, index), item) for index, item in enumerate(node.value)]
                continue
            places: dict[str, Location] = {}
            for key, value in node.value:
                place = Location(self.file, key.start_mark.line + 1, key.start_mark.column + 1)
                if key.value in places:
                    yield (*path, key.value), places[key.value], place
                places[key.value] = place
                stack.append(((*path, key.value), value))

    def _value_node(self, path: Path) -> Node | None:
        """The node of the value at `path`; None for the root, and where there is none."""
        steps = self._walk(path)
        return steps[-1][1] if steps and len(steps) == len(path) else None

    def _walk(self, path: Path) -> list[_Step]:
        """The (key, value) nodes along `path`, as far as it exists."""
        steps: list[_Step] = []
        node = self.node
        for element in path:
            step = self._child(node, element)
            if step is None:
                break
            steps.append(step)
            node = step[1]
        return steps

    def _child(self, node: Node | None, element: str | int, depth: int = 0) -> _Step | None:
        if node is None or depth > _MAX_MERGE_NESTING:
            return None
        if node.id == _MAPPING:
            entries = self._entries.get(id(node))
            if entries is None:
                # The last one of equal keys is what JSON readers keep; a profile never has two.
                entries = {key.value: (key, value) for key, value in node.value if isinstance(key.value, str)}
                self._entries[id(node)] = entries
            return entries.get(str(element)) or self._merged_child(entries.get("<<"), element, depth)
        if node.id == _SEQUENCE and isinstance(element, int) and element < len(node.value):
            return None, node.value[element]
        return None

    def _merged_child(self, merge: _Step | None, element: str | int, depth: int) -> _Step | None:
        """The entry that a merge key brings: of one mapping, or of several, the first of which wins."""
        if merge is None or getattr(merge[0], "style", None):
            return None
        mappings = merge[1].value if merge[1].id == _SEQUENCE else [merge[1]]
        steps = (self._child(node, element, depth + 1) for node in mappings if node.id == _MAPPING)
        return next((step for step in steps if step is not None), None)

    def below(self, path: Path) -> Document:
        """The part at `path` as a document of its own, with the places that it has in this one."""
        node = self._value_node(path) or self.node
        value = self.value
        for element in path:
            value = value[element]
        return Document(self.file, self.text, value, lambda: node)

    def tag(self, path: Path) -> str:
        """The tag that stands before the value at `path` (`!reset`); empty where there is none."""
        node = self._value_node(path)
        tag = str(node.tag) if node is not None else ""
        return tag if tag.startswith("!") else ""
