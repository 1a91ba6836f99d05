"""Stored studies of a deployment for `orthgen decide`: by name, with ids, UIDs and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from orthgen.authz.resources import NO_RESOURCES, Level, Resource, Resources, index, study_tree

_UIDS = {Level.PATIENT: "patient", Level.STUDY: "study", Level.SERIES: "series", Level.INSTANCE: "instance"}
STUDY_KEYS = frozenset(
    {*_UIDS.values(), *(f"o_{name}" for name in _UIDS.values()), "labels", "labels_on_every_level"}
    | {f"{name}_labels" for name in _UIDS.values()}
)


class BadLine(ValueError):
    """A line that is no request, or studies that are none: the problem, and the keys that lead to it."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


def text_at(line: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """The text at a key of a line. Raises `BadLine` where there is none, or something else."""
    value = line.get(key, default)
    if not isinstance(value, str):
        raise BadLine(f"`{key}` is missing" if key not in line else f"`{key}` is not text", key)
    return value


class StoredStudies(Struct, frozen=True):
    """Studies by name, and everything in them by id and UID."""

    studies: Mapping[str, tuple[Resource, ...]] = {}
    all: Resources = NO_RESOURCES

    @classmethod
    def read(cls, value: object, *path: str) -> StoredStudies:
        """Studies by name: UIDs, Orthanc ids (`o_study` and so on), labels. Raises `BadLine`, with `path` in front."""
        if not isinstance(value, Mapping):
            raise BadLine("the studies are not a JSON object of studies by name", *path)
        studies = {name: _study(name, entry, path) for name, entry in value.items()}
        return cls(studies, index(resource for tree in studies.values() for resource in tree))

    def over(self, below: StoredStudies) -> StoredStudies:
        """These studies in front of others."""
        return StoredStudies({**below.studies, **self.studies}, self.all.over(below.all))


def _study(name: str, entry: object, path: tuple[str, ...]) -> tuple[Resource, ...]:
    if not isinstance(entry, Mapping):
        raise BadLine(f"the study `{name}` is not a JSON object", *path, name)
    everywhere = _labels(name, entry, "labels_on_every_level", path)
    labels = {
        level: everywhere | _labels(name, entry, f"{level_name}_labels", path)
        for level, level_name in _UIDS.items()
    }
    labels[Level.STUDY] |= _labels(name, entry, "labels", path)
    ids = {
        level: str(entry.get(f"o_{level_name}", f"{name}/{level_name}"))
        for level, level_name in _UIDS.items()
    }
    return study_tree(
        ids, {level: str(entry.get(level_name, "")) for level, level_name in _UIDS.items()}, labels
    )


def _labels(study: str, entry: Mapping[str, object], key: str, path: tuple[str, ...]) -> set[str]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise BadLine(f"`{key}` of the study `{study}` is not a list of texts", *path, study, key)
    return set(value)
