"""
Environment variables by which the orthancteam image of Orthanc is configured, and the defaults that it adds.

The image cuts a name at `__` into keys and each key at `_` into words; of a word it keeps the first letter and makes the
others small. `image_variables.json` holds the names that break this rule, and those that the image refuses from 26.7.0 on
(orthanc-builder 26.8.1, docker/orthanc/configurator.py and helpers.py).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from orthgen.catalogue import data
from orthgen.catalogue.named_secrets import secret_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.catalogue.configuration_keys import KeyPath

_PREFIX = "ORTHANC__"
_WORD = r"[A-Z][^A-Z0-9]*|[0-9]+"


def key_path(variable: str) -> KeyPath | None:
    """The configuration key that a variable sets; None where the image takes no setting from a variable of that name."""
    names = _names()
    if variable in names:
        return tuple(names[variable].split("."))
    if not variable.startswith(_PREFIX):
        return None
    first, *others = variable.removeprefix(_PREFIX).split("__")
    section = data.read("image_variables")["sections"].get(first) if others else None
    path = (section or _key(first), *map(_key, others))
    # The image stops at an empty word (`ORTHANC__NAME_`).
    return path if all(path) else None


def variable(path: KeyPath) -> str | None:
    """The variable that sets the key at a path; None where the image has no name for it."""
    facts = data.read("image_variables")
    for name, key in facts["names"].items():
        if name.startswith(_PREFIX) and key == ".".join(path):
            return str(name)
    words = {section: word for word, section in facts["sections"].items()}
    parts = (words.get(part) or "_".join(re.findall(_WORD, part)).upper() for part in path)
    usual = _PREFIX + "__".join(parts)
    return usual if key_path(usual) == path else secret_file(path)


def legacy_variables() -> Mapping[str, str]:
    """Variables that the image calls deprecated, and refuses from 26.7.0 on, with the key or the variable to use."""
    facts = data.read("image_variables")
    return {**facts["legacy-names"], **facts["legacy-switches"]}


def image_defaults() -> Mapping[str, Any]:
    """The settings that the image adds where nobody states them."""
    defaults: dict[str, Any] = data.read("image_variables")["defaults"]
    return defaults


def _key(words: str) -> str:
    parts = words.split("_")
    return "".join(part[0] + part[1:].lower() for part in parts) if all(parts) else ""


@cache
def _names() -> Mapping[str, str]:
    facts = data.read("image_variables")
    return {**facts["legacy-names"], **facts["names"]}
