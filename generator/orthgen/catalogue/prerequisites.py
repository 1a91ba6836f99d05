"""
Prerequisites of raw settings: a file, a network, a secret, or another part of the profile.

`prerequisites.json` has a rule for every key of the catalogue whose value is more than a number or a switch, and for those
switches that cannot work. A key of a rule stands for itself and for all below it; `*` stands for any name. Nothing here
knows of profiles: what follows from a need is decided by anybody who asks.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.catalogue import data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.catalogue.configuration_keys import KeyPath


class PrerequisiteKind(StrEnum):
    """A kind of prerequisite of a setting."""

    SECRET = "secret"  # noqa: S105 - a word
    """Its value is a secret, and has to be named."""
    NETWORK = "network"
    """Orthanc has to reach another server."""
    FILE = "file"
    """Files or folders of the host in Orthanc's container."""
    FOLDER = "folder"
    """A place on Orthanc's volume."""
    PUBLIC_PATH = "public-path"
    """A path of the public origin that no service answers."""
    PART = "part"
    """Another part of the profile; `part` says which."""
    VOLUME = "volume"
    """The files in a volume, and not in S3."""
    NEVER = "never"
    """What no deployment has."""
    NOTHING = "nothing"


class Prerequisite(Struct, frozen=True):
    """Keys (paths with dots) with the same prerequisite, its reason, and the setting to use instead."""

    need: PrerequisiteKind
    keys: tuple[str, ...]
    why: str = ""
    instead: str = ""
    part: str = ""


@cache
def rules() -> tuple[Prerequisite, ...]:
    """Every rule, in the order of the file."""
    return tuple(
        Prerequisite(
            PrerequisiteKind(entry["need"]),
            tuple(entry["keys"]),
            entry.get("why", ""),
            entry.get("instead", ""),
            entry.get("part", ""),
        )
        for entry in data.read("prerequisites")["rules"]
    )


def needs(config: dict[str, Any]) -> Iterator[tuple[Prerequisite, KeyPath, Any]]:
    """Every setting in `config` that a rule names, with its path and value; a rule that names nothing is left out."""
    for rule in rules():
        if rule.need is not PrerequisiteKind.NOTHING:
            for key in rule.keys:
                for path, value in values_at(config, tuple(key.split("."))):
                    yield rule, path, value


def reaches_out(config: dict[str, Any]) -> bool:
    """Whether Orthanc has to reach another server for what is configured."""
    return any(rule.need is PrerequisiteKind.NETWORK for rule, _, _ in needs(config))


def values_at(value: Any, key: KeyPath, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """The values at `key`, in which `*` stands for any name, each with its path."""
    if not key:
        yield path, value
    elif isinstance(value, dict):
        for name in value if key[0] == "*" else (key[0],):
            if name in value:
                yield from values_at(value[name], key[1:], (*path, name))
