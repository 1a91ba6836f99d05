"""The members that Jackson reads and writes of a Java class, told by its compiled form (JVM specification, 4)."""

from __future__ import annotations

import re
import struct
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# The sizes of the constants of the pool by tag, without those of text (1); long and double take two places.
_SIZES = {
    3: 4,
    4: 4,
    5: 8,
    6: 8,
    7: 2,
    8: 2,
    9: 4,
    10: 4,
    11: 4,
    12: 4,
    15: 3,
    16: 2,
    17: 4,
    18: 4,
    19: 2,
    20: 2,
}
_PUBLIC, _STATIC = 0x0001, 0x0008


def members(archive: Path, class_name: str) -> set[str]:
    """The names that a representation has in JSON, from its fields and its public getters and setters."""
    with zipfile.ZipFile(archive) as jar:
        fields, methods = _names(jar.read(class_name.replace(".", "/") + ".class"))
    accessors = (re.fullmatch(r"(?:get|is|set)([A-Z]\w*)", name) for name in methods)
    return {_json_name(name) for name in fields} | {
        _json_name(match[1]) for match in accessors if match is not None
    }


def _json_name(name: str) -> str:
    # Jackson lowers every capital that the name begins with: OAuth2Device… is oauth2Device….
    capitals = re.match(r"[A-Z]+", name)
    length = len(capitals[0]) if capitals is not None else 0
    return name[:length].lower() + name[length:]


def _names(data: bytes) -> tuple[list[str], list[str]]:
    """The fields of an object, and its public methods."""
    texts, position = _constants(data)
    position += 6  # flags, this, super
    (interfaces,) = struct.unpack_from(">H", data, position)
    position += 2 + 2 * interfaces
    fields: list[str] = []
    methods: list[str] = []
    for names, flag in ((fields, 0), (methods, _PUBLIC)):
        (count,) = struct.unpack_from(">H", data, position)
        position += 2
        for _ in range(count):
            flags, name, _, attributes = struct.unpack_from(">HHHH", data, position)
            position += 8
            for _ in range(attributes):
                (length,) = struct.unpack_from(">I", data, position + 2)
                position += 6 + length
            if flags & flag == flag and not flags & _STATIC:
                names.append(texts[name])
    return fields, methods


def _constants(data: bytes) -> tuple[dict[int, str], int]:
    (count,) = struct.unpack_from(">H", data, 8)
    texts, index, position = {}, 1, 10
    while index < count:
        tag = data[position]
        position += 1
        if tag == 1:
            (length,) = struct.unpack_from(">H", data, position)
            texts[index] = data[position + 2 : position + 2 + length].decode("utf-8", "replace")
            position += 2 + length
        else:
            position += _SIZES[tag]
        index += 2 if tag in {5, 6} else 1
    return texts, position
