"""
labels.lua: puts the collections' labels on studies by their tags.

`templates/orthanc/labels.lua` is the program, the same for every profile; labels-settings.lua has the rules of the profile
as one Lua table. Orthanc runs both in one Lua context, in the order of LuaScripts. Facts: Orthanc 1.12.7 to 1.13.0, Lua
5.1 to 5.4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.formats.lua_writer import dump_lua
from orthgen.formats.templates import template_text
from orthgen.products.artifact import Artifact
from orthgen.products.header import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment, LabelCollection

# Where the container finds the scripts, and the study's metadata in which the script notes what it gave, under a number of our own: Orthanc leaves those
# from 1024 on to its users.
LABELS_FOLDER = "/etc/orthanc/lua"
LABELS_SCRIPTS = ("labels-settings.lua", "labels.lua")
MARK = "GatheredLabels"
MARK_NUMBER = 6161

_NUMBERED = re.compile(r"[0-9A-Fa-f]{4},[0-9A-Fa-f]{4}")


def labels_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The settings and the program, in the order in which Orthanc runs them."""
    settings = {
        "mark": MARK,
        "stableAge": deployment.profile.archive.stable_after,
        "small": dict(_folding(deployment)),
        "rules": [rule for collection in deployment.collections for rule in _rules(collection)],
    }
    start = header(deployment.source, "-- ")
    texts = (f"LabelsSettings = {dump_lua(settings)}\n", template_text("orthanc/labels.lua"))
    return tuple(
        Artifact(f"orthanc/{name}", f"{start}\n{text}")
        for name, text in zip(LABELS_SCRIPTS, texts, strict=True)
    )


def _rules(collection: LabelCollection) -> Iterator[dict[str, Any]]:
    for rule in collection.tag_rules:
        yield {
            "label": collection.label,
            "tags": [
                {
                    # Orthanc writes numbers in small letters.
                    "name": name.lower() if _NUMBERED.fullmatch(name) else name,
                    "patterns": [part.strip() for part in pattern.split("|")],
                }
                for name, pattern in rule.tags
            ],
        }


def _folding(deployment: Deployment) -> list[tuple[str, str]]:
    """The capital letters beyond ASCII that the patterns hold, or hold as small letters, with their small ones."""
    pairs = {
        (variant, _small(character))
        for collection in deployment.collections
        for rule in collection.tag_rules
        for _, pattern in rule.tags
        for character in pattern
        if not character.isascii()
        for variant in (character, character.upper(), *("ς" if character.casefold() == "σ" else ""))
    }
    return sorted(
        (capital, small) for capital, small in pairs if len(capital) == len(small) == 1 and capital != small
    )


def _small(character: str) -> str:
    """The small letter that stands for all forms of a letter: `σ` for `Σ` and for `ς`, which ends a Greek word."""
    folded = character.casefold()
    return folded if len(folded) == 1 else character.lower()
