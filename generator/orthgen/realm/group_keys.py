"""
Keys of groups: the names from the top, each after a slash; a slash in a name is written as `~/`.

Keycloak's own paths do not tell a group `CT/MR` from a group `MR` below `CT` (26.2 to 26.7). Its option
`spi-group--jpa--escape-slashes-in-group-path` writes a slash in a name in the same way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.realm.admin import representations

_ESCAPED = "~/"
_SEPARATOR = re.compile("(?<!~)/")


def escaped(name: str) -> str:
    """A group's name as a part of a key."""
    return name.replace("/", _ESCAPED)


def group_key(group: representations.Group) -> str:
    """The key of a group of the admin API. In the names of the groups above it, slashes are as Keycloak writes them."""
    name, path = group["name"], group["path"]
    if "/" not in name or not path.endswith(f"/{name}"):
        return path
    return path.removesuffix(name) + escaped(name)


def group_names(key: str) -> Sequence[str]:
    """The names of a group and of those above it, from the top."""
    return [part.replace(_ESCAPED, "/") for part in _SEPARATOR.split(key.removeprefix("/"))]


def parent_key(key: str) -> str:
    """The key of the group above, or an empty text."""
    return "/".join(_SEPARATOR.split(key)[:-1])
