"""
Rules of the guard for the bodies of searches and modifications, which its scripts share.

The plugin checks one parent of a search and Orthanc takes another; of a modification it checks the source, and Orthanc
stores the result wherever the identifiers in the body say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from orthgen.authz.dicom_tags import describes_patient, level_of, name_of
from orthgen.authz.resources import Level

SEARCH_MEMBERS = (
    "CaseSensitive",
    "Expand",
    "Full",
    "Labels",
    "LabelsConstraint",
    "Level",
    "Limit",
    "MetadataQuery",
    "OrderBy",
    "ParentSeries",
    "ParentStudy",
    "Query",
    "RequestedTags",
    "ResponseContent",
    "Short",
    "Simplify",
    "Since",
)
"""What Orthanc reads of a search (1.12.7 to 1.13.0) and the plugin confines to labels: all but `ParentPatient`."""


def search_refusal(body: Any) -> tuple[str, str] | None:
    """The refusal (needed, found) of a search by a caller who does not see every study; None where it is fine."""
    if not isinstance(body, Mapping):
        return None  # 400
    member = next((name for name in body if name not in SEARCH_MEMBERS), None)
    if member is not None:
        return ("a role that sees every study, for a search of this kind", f"a search by `{member}`")
    if "ParentStudy" in body and "ParentSeries" in body:
        return ("one parent of a search", "`ParentStudy` and `ParentSeries`")
    return None


_MALFORMED = ("a body of tags in their plain spelling", "another")


class Modification(Struct, frozen=True):
    """The identifiers that a modification gives its results; `describes_patient`: it changes tags of the patient."""

    identifiers: tuple[tuple[Level, str], ...] = ()
    describes_patient: bool = False


def modification(body: Any, *, anonymizes: bool) -> Modification | tuple[str, str]:
    """The content of a modification, or the refusal of its body (needed, found)."""
    replace: Any = body.get("Replace") or {}
    remove: Any = body.get("Remove") or []
    keep: Any = body.get("Keep") or []
    identifiers = identifiers_among(replace)
    names = [*_names(remove), *_names(keep)]
    if identifiers is None or None in names:
        return _MALFORMED
    changed = [*_names(replace), *_names(remove)]
    keeps = any(level_of(name) is Level.PATIENT for name in _names(keep))
    is_new = any(level is Level.PATIENT for level, _ in identifiers) or (anonymizes and not keeps)
    return Modification(identifiers, not is_new and (anonymizes or any(map(describes_patient, changed))))


def replaces_original(body: Any) -> bool:
    """Whether an anonymous copy replaces its original: the source is deleted, or the SOPInstanceUID is kept."""
    if not isinstance(body, Mapping):
        return False  # 400
    levels = [
        level_of(name) if name is not None else Level.INSTANCE for name in _names(body.get("Keep") or [])
    ]
    return body.get("KeepSource", True) is not True or Level.INSTANCE in levels


def creation(body: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[Level, str], ...]] | None:
    """The strings and identifiers in the description of a new object; None where they are not plain."""
    content = body.get("Content")
    inner = (
        [item.get("Tags") or {} for item in content if isinstance(item, Mapping)]
        if isinstance(content, list)
        else []
    )
    identifiers = [identifiers_among(part) for part in (body, body.get("Tags") or {}, *inner)]
    if None in identifiers:
        return None
    return tuple(_strings(body)), tuple(pair for part in identifiers if part is not None for pair in part)


def identifiers_among(tags: Any) -> tuple[tuple[Level, str], ...] | None:
    """The identifiers among tags with values; None where names or values are not plain."""
    if not isinstance(tags, Mapping):
        return None
    identifiers = []
    for text, value in tags.items():
        name = name_of(text)
        level = level_of(name)
        if name is None or (level is not None and not _is_plain(level, value)):
            return None
        if level is not None:
            identifiers.append((level, value.strip(" ")))
    return tuple(identifiers)


def _is_plain(level: Level, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if level is not Level.PATIENT:
        return re.fullmatch(r"[0-9.]{1,64}", value) is not None
    is_ascii = re.fullmatch(r"[ -\[\]-~]{1,64}", value) is not None
    return is_ascii and value.strip(" ") != "" and not value.lstrip(" ").lower().startswith("data:")


def _names(tags: Iterable[Any]) -> list[str | None]:
    return [name_of(text) if isinstance(text, str) else None for text in tags]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
