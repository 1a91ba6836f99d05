"""
Files that only orthgen writes: what the guard, the label rules and ACCESS.md say that no other file repeats.

Without them a rendered deployment could not be adopted as it is: who may save reports, how long programs' links live,
which tags gather studies, what people call a collection.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.findings import Location
from orthgen.formats.lua_reader import load_lua
from orthgen.formats.markdown import unescaped
from orthgen.formats.yaml_io import Document, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GUARD = "njs/settings.js"
_LABELS = "labels-settings.lua"
_ACCESS = "ACCESS.md"
_OHIF = "app-config.js"
_GUARD_SETTINGS = re.compile(r"^export default (\{.*\});\s*$", re.MULTILINE | re.DOTALL)
_OHIF_SETTINGS = re.compile(r"^const ORTHGEN_SETTINGS = (\{.*?^\});$", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"^- \*\*(?P<title>.+?)\*\* ?:", re.MULTILINE)
# Collections on which everybody has the same rights share a heading.
_HEADING = re.compile(r"^### (?P<collections>.+`\))$", re.MULTILINE)
_COLLECTION = re.compile(r"(?P<title>.+?) \(`(?P<name>[a-z][a-z0-9-]*)`\)(?:, |$)")


class WrittenTagRule(Struct, frozen=True):
    """A rule of labels-settings.lua: studies whose tags match get the label."""

    label: str
    tags: dict[str, str]
    place: Location


class Titled(Struct, frozen=True):
    """A collection or role with the title that ACCESS.md has for it; the page has no other name of a role."""

    name: str
    title: str
    place: Location


class OwnFiles(Struct, frozen=True):
    """What the files say; empty where they are not there."""

    guard: Document | None = None
    ohif: Document | None = None
    tag_rules: tuple[WrittenTagRule, ...] = ()
    collections: tuple[Titled, ...] = ()
    roles: tuple[Titled, ...] = ()
    """The roles in the order of permissions.json, and after them people without a role."""


def read_own_files(texts: Mapping[str, str]) -> OwnFiles:
    """The contents of orthgen's own files among the texts of a deployment."""
    guard = _text_of(texts, _GUARD)
    ohif = _text_of(texts, _OHIF)
    labels = _text_of(texts, _LABELS)
    access = _text_of(texts, _ACCESS)
    return OwnFiles(
        guard=_guard_settings(*guard) if guard else None,
        ohif=_object(*ohif, _OHIF_SETTINGS) if ohif else None,
        tag_rules=tuple(_tag_rules(*labels)) if labels else (),
        collections=tuple(_collections(*access)) if access else (),
        roles=tuple(_roles(*access)) if access else (),
    )


def _text_of(texts: Mapping[str, str], name: str) -> tuple[str, str] | None:
    # A text is redacted when it is read.
    files = (file for file in texts if file.endswith(name))
    return next(((file, text) for file in files if "orthgen" in (text := texts[file])), None)


def _object(file: str, text: str, pattern: re.Pattern[str]) -> Document | None:
    """The JSON object in a script, with its places in the script."""
    match = pattern.search(text)
    if match is None:
        return None
    blank = re.sub(r"[^\n]", " ", text[: match.start(1)])
    document, findings = parse_json(blank + match[1], file)
    return document if not findings else None


def _guard_settings(file: str, text: str) -> Document | None:
    """The settings of the guard; None where a member that is read is not of the guard's own type."""
    document = _object(file, text, _GUARD_SETTINGS)
    if document is None or not isinstance(document.value, dict):
        return None
    members = document.value
    is_ours = (
        isinstance(members.get("reporters", []), list)
        and isinstance(members.get("longestLife", {}), dict)
        and isinstance(members.get("clients"), list | None)
    )
    return document if is_ours else None


def _tag_rules(file: str, text: str) -> Iterator[WrittenTagRule]:
    settings = load_lua(text.partition("LabelsSettings = ")[2])
    rules = settings.get("rules", []) if isinstance(settings, dict) else []
    start = 0
    for rule in rules:
        start = text.index("label = ", start + 1)
        tags = {tag["name"]: "|".join(tag["patterns"]) for tag in rule["tags"]}
        yield WrittenTagRule(rule["label"], tags, Location.at(file, text, start))


def _collections(file: str, text: str) -> Iterator[Titled]:
    for heading in _HEADING.finditer(text):
        place = Location.at(file, text, heading.start())
        for match in _COLLECTION.finditer(heading["collections"]):
            yield Titled(match["name"], unescaped(match["title"]), place)


def _roles(file: str, text: str) -> Iterator[Titled]:
    for match in _SENTENCE.finditer(text):
        yield Titled("", unescaped(match["title"]), Location.at(file, text, match.start()))
