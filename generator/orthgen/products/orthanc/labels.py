"""
labels.lua: puts the collections' labels on studies by their tags.

The template carries the program, which is the same for everybody; the rules of the profile go into it as Lua
strings, escaped here. Facts: Orthanc 1.12.7 to 1.13.0, Lua 5.1 to 5.4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.formats.templates import render_template
from orthgen.products.header import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment, LabelCollection

# Where the container finds the script, and the study's metadata in which the script notes what it gave, under a number of our own: Orthanc leaves those
# from 1024 on to its users.
LABELS_SCRIPT = "/etc/orthanc/lua/labels.lua"
MARK = "GatheredLabels"
MARK_NUMBER = 6161

_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\]')
_NUMBERED = re.compile(r"[0-9A-Fa-f]{4},[0-9A-Fa-f]{4}")


def labels_script(deployment: Deployment) -> str:
    """The Lua script; only where tags gather studies."""
    rules = [rule for collection in deployment.collections for rule in _rules(collection)]
    return render_template(
        "orthanc/labels.lua.j2",
        header=header(deployment.source, "-- "),
        rules=rules,
        folding=[(lua_string(capital), lua_string(small)) for capital, small in _folding(deployment)],
        mark=lua_string(MARK),
        stable_age=deployment.profile.archive.stable_after,
    )


def _rules(collection: LabelCollection) -> Iterator[dict[str, Any]]:
    for rule in collection.tag_rules:
        yield {
            "comment": collection.name,
            "label": lua_string(collection.label),
            "tags": [
                {
                    # Orthanc writes numbers in small letters.
                    "name": lua_string(name.lower() if _NUMBERED.fullmatch(name) else name),
                    "patterns": ", ".join(lua_string(part.strip()) for part in pattern.split("|")),
                }
                for name, pattern in rule.tags
            ],
        }


def _folding(deployment: Deployment) -> list[tuple[str, str]]:
    """The capital letters beyond ASCII that the patterns hold, or hold as small letters, with their small ones."""
    pairs = {
        (character.upper(), character.lower())
        for collection in deployment.collections
        for rule in collection.tag_rules
        for _, pattern in rule.tags
        for character in pattern
        if not character.isascii()
    }
    return sorted(
        (capital, small) for capital, small in pairs if len(capital) == len(small) == 1 and capital != small
    )


def lua_string(text: str) -> str:
    """A text as a Lua string: whatever it holds, it ends where the text ends."""
    return '"' + _UNSAFE.sub(lambda match: f"\\{ord(match[0]):03d}", text) + '"'
