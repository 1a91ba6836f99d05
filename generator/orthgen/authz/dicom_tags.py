"""Names of DICOM tags in request bodies, in every spelling that Orthanc reads (1.12.7 to 1.13.0)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from orthgen.authz.resources import Level

_PRINTABLE = re.compile(r"[ -~]+")
_HEXADECIMAL = re.compile(r"\(?([0-9A-Fa-f]{4})[-,]?([0-9A-Fa-f]{4})\)?")
_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Identifier(Struct, frozen=True):
    """A tag that says where Orthanc stores an object: its number, and the level of what it identifies."""

    tag: str
    level: Level


IDENTIFIERS: Mapping[str, Identifier] = {
    "patientid": Identifier("00100020", Level.PATIENT),
    "studyinstanceuid": Identifier("0020000D", Level.STUDY),
    "seriesinstanceuid": Identifier("0020000E", Level.SERIES),
    "sopinstanceuid": Identifier("00080018", Level.INSTANCE),
}
_BY_TAG = {identifier.tag: identifier.level for identifier in IDENTIFIERS.values()}

PATIENT_TAGS = ("patientname", "patientbirthdate", "patientsex", "otherpatientids", "retired_otherpatientids")
"""The keywords from which Orthanc describes a patient (its main DICOM tags of that level)."""


def name_of(text: str) -> str | None:
    """Eight digits or a keyword in small letters; empty for a path into sequences; None for what names no tag."""
    if not _PRINTABLE.fullmatch(text):
        return None
    if "." in text:
        return ""
    name = text.strip(" ")
    digits = _HEXADECIMAL.fullmatch(name)
    if digits is not None:
        return (digits[1] + digits[2]).upper()
    if not _KEYWORD.fullmatch(name):
        return None
    keyword = name.lower()
    return IDENTIFIERS[keyword].tag if keyword in IDENTIFIERS else keyword


def level_of(name: str | None) -> Level | None:
    """The level of what a tag identifies, or None."""
    return _BY_TAG.get(name or "")


def describes_patient(name: str | None) -> bool:
    """Whether Orthanc describes a patient from a tag. Any number of the patient's group counts."""
    return name is not None and (name.startswith("0010") or name in PATIENT_TAGS)
