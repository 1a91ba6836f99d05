"""
Reader of the catalogue's data files; each is read at most once per process.

Says where they are and what they are called, and nothing of what they mean.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any, cast

from orthgen.catalogue.versions import at_least, parse

ROOT = os.path.dirname(__file__)  # noqa: PTH120 - pathlib costs more than all the reading


@cache
def names(folder: str) -> tuple[str, ...]:
    """The names of the JSON files of a folder, without their ending, in no particular order."""
    return tuple(entry[:-5] for entry in os.listdir(f"{ROOT}/{folder}") if entry.endswith(".json"))  # noqa: PTH208


@cache
def read(path: str) -> dict[str, Any]:
    """The content of the file `path`, below this folder and without `.json`. Callers do not change it."""
    with open(f"{ROOT}/{path}.json", encoding="utf-8") as file:  # noqa: PTH123
        return cast("dict[str, Any]", json.load(file))


@cache
def key_files() -> dict[str, tuple[str, ...]]:
    """Component to the versions that have a keys file, oldest first."""
    versions: dict[str, list[str]] = {}
    for name in names("configuration_keys"):
        component, _, version = name.rpartition("-")
        versions.setdefault(component, []).append(version)
    return {component: tuple(sorted(numbers, key=parse)) for component, numbers in versions.items()}


def key_file(component: str, version: str) -> str | None:
    """
    The version whose keys file speaks for `component` in `version`: the newest that is not newer.

    None where there is no keys file for the component, or only for newer versions.
    """
    fitting = [since for since in key_files().get(component, ()) if at_least(version, since)]
    return fitting[-1] if fitting else None
