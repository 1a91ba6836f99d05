"""Settings that several files state together: one effective value for each key, with every place that sets it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from msgspec import Struct

from orthgen.findings import Location
from orthgen.formats.merging import merged
from orthgen.formats.yaml_io import Document, Path


class Layer(Struct, frozen=True):
    """
    One source of settings: a file, or the variables of an environment.

    `locate` gives the position of the value at a path; it is asked only about paths that `value` has.
    """

    name: str
    value: Any
    locate: Callable[[Path], Location]

    @classmethod
    def of(cls, document: Document) -> Layer:
        """A parsed file as a layer."""
        return cls(document.file, document.value, document.locate)

    def has(self, path: Path) -> bool:
        """Whether this layer states a value at the path."""
        value = self.value
        for element in path:
            try:
                value = value[element]
            except (KeyError, IndexError, TypeError):
                return False
        return True


class Settings(Struct, frozen=True, dict=True):
    """Layers of settings, the first of which is the weakest: a later one replaces single values of an earlier one."""

    layers: tuple[Layer, ...] = ()

    @cached_property
    def value(self) -> dict[str, Any]:
        """The effective settings: mappings are merged, every other value is replaced."""
        value: dict[str, Any] = {}
        for layer in self.layers:
            if isinstance(layer.value, dict):
                value = merged(value, layer.value)
        return value

    def get(self, *path: str | int) -> Any:
        """The effective value at the path; None where there is none."""
        value: Any = self.value
        for element in path:
            try:
                value = value[element]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def has(self, *path: str | int) -> bool:
        """Whether some layer states a value at the path, be it null."""
        return any(layer.has(path) for layer in self.layers)

    def locate(self, path: Path) -> Location:
        """The place that is in force for the path; for a path that nobody states, that of its nearest part that exists."""
        for length in range(len(path), -1, -1):
            for layer in reversed(self.layers):
                if layer.has(path[:length]):
                    return layer.locate(path[:length])
        return Location("", 1, 1)

    def places(self, path: Path) -> tuple[Location, ...]:
        """Every place that states a value at the path; the last one is in force."""
        return tuple(layer.locate(path) for layer in self.layers if layer.has(path))
