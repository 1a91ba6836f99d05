"""Checks of the values of raw settings, and of manufacturers, where a component accepts a few words or numbers only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.catalogue.dicom_tags import is_tag, nearest_tag
from orthgen.catalogue.prerequisites import values_at
from orthgen.catalogue.setting_values import refused_values
from orthgen.findings import Rule, Severity
from orthgen.formats.merging import nested
from orthgen.profile.raw_settings import raw_settings
from orthgen.spelling import Vocabulary, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext

REFUSED_VALUE_OF_SETTING = Rule(
    "refused-value-of-setting",
    Severity.ERROR,
    summary="A raw setting, or the manufacturer of a modality, has a word or a number that its component does not accept. Orthanc and "
    "most plugins then end at once with `Parameter out of range`; a page does not do what the setting says. Small and capital "
    "letters count.",
    remedy="Write one of the words, or a number within the limits, that the finding names.",
    example="""
        archive: {settings: {OverwriteInstances: "yes"}}
    """,
)


def values_are_accepted(context: CheckContext) -> Iterator[Finding]:
    """Raw settings and manufacturers have words and numbers that Orthanc and its plugins start with."""
    release = context.release
    if release is None:
        return
    for where, prefix, settings in raw_settings(context.profile):
        for path, value, accepted in refused_values(nested(prefix, settings), release.components):
            message = f"`{'.'.join(path)}` takes {accepted.expected}"
            # The value may be a secret: no excerpt shows it.
            yield context.finding(
                REFUSED_VALUE_OF_SETTING,
                (*where, *path[len(prefix) :]),
                message,
                accepted.remedy(value),
                key=True,
                is_sensitive=True,
            )
    for name, modality in context.profile.archive.modalities.items():
        peers = {"DicomModalities": {name: {"Manufacturer": modality.manufacturer}}}
        for _, value, accepted in refused_values(peers, release.components):
            yield context.finding(
                REFUSED_VALUE_OF_SETTING,
                ("archive", "modalities", name, "manufacturer"),
                f"Orthanc knows no manufacturer `{value}`",
                accepted.remedy(value),
            )


SETTING_OF_NO_MODALITY = Rule(
    "setting-of-no-modality",
    Severity.ERROR,
    summary="A raw setting is about a modality that the profile does not have. Orthanc ends at once, because such a modality has no "
    "AET and no address.",
    remedy="Correct the name, or add the modality to `archive.modalities`.",
    example="""
        archive: {settings: {DicomModalities: {ct: {RetrieveMethod: C-GET}}}}
    """,
)


def settings_fit_the_profile(context: CheckContext) -> Iterator[Finding]:
    """Raw settings of modalities are about modalities of the profile, and `IfChanged` has checksums to compare."""
    archive = context.profile.archive
    known = Vocabulary(archive.modalities)
    named = archive.settings.get("DicomModalities")
    for name in named if isinstance(named, dict) else ():
        if name not in known and not context.is_uncertain("archive"):
            hint = did_you_mean(name, known, otherwise="add it to `archive.modalities`")
            place = ("archive", "settings", "DicomModalities", name)
            message = f"the profile has no modality `{name}`"
            yield context.finding(SETTING_OF_NO_MODALITY, place, message, hint, key=True, is_sensitive=True)
    compares = archive.settings.get("OverwriteInstances") == "IfChanged"
    if compares and archive.settings.get("StoreMD5ForAttachments") is False:
        message = (
            "`OverwriteInstances: IfChanged` compares checksums, and `StoreMD5ForAttachments` is `false`"
        )
        path = ("archive", "settings", "OverwriteInstances")
        yield context.finding(REFUSED_VALUE_OF_SETTING, path, message, "remove one of the two", key=True)


UNKNOWN_TAG_IN_SETTING = Rule(
    "unknown-tag-in-setting",
    Severity.ERROR,
    summary="A raw setting names a tag that neither the DICOM standard nor `Dictionary` defines. Orthanc ends at once with "
    "`Unknown DICOM tag`.",
    remedy="Write a keyword of PS3.6, or the tag by number: `0010,0020`. Define a private tag in `Dictionary`.",
    example="""
        archive: {settings: {ExtraMainDicomTags: {Study: [Modalty]}}}
    """,
)
# Orthanc ends at an unknown tag of `ExtraMainDicomTags` and `Dictionary` (1.12.7, 1.13.0).
_TAG_LISTS = (
    "ExtraMainDicomTags.*",
    "DicomWeb.StudiesMetadataExtrapolatedTags",
    "DicomWeb.SeriesMetadataExtrapolatedTags",
)
# PS3.5, as Orthanc 1.13.0 reads them (StringToValueRepresentation).
_REPRESENTATIONS = frozenset(
    [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FD",
        "FL",
        "IS",
        "LO",
        "LT",
        "OB",
        "OD",
        "OF",
        "OL",
        "OW",
        "PN",
        "SH",
        "SL",
        "SQ",
        "SS",
        "ST",
        "TM",
        "UC",
        "UI",
        "UL",
        "UN",
        "UR",
        "US",
        "UT",
    ]
)
_TAG_BY_NUMBER = re.compile(r"[0-9A-Fa-f]{4}[-,]?[0-9A-Fa-f]{4}")


def tags_of_settings_exist(context: CheckContext) -> Iterator[Finding]:
    """Tags in raw settings are DICOM keywords, numbers, or private tags that the settings define."""
    settings = context.profile.archive.settings
    own = {entry[1] for _, entry in values_at(settings, ("Dictionary", "*")) if not _fault(entry)}
    for path, tag in _tags(settings):
        if not _TAG_BY_NUMBER.fullmatch(tag) and not (is_tag(tag) or tag in own):
            yield _unknown(context, path, tag)


PEER_DEFINITION = Rule(
    "peer-definition",
    Severity.ERROR,
    summary="A peer of `OrthancPeers` has no address, or a name with other characters than letters, digits, `-` and `_`. Orthanc ends "
    "at once with `Bad file format` or `Parameter out of range`.",
    remedy="Write `NAME: {Url: https://…}`, with a name of letters, digits, `-` and `_`.",
    example="""
        archive: {settings: {OrthancPeers: {lyon 2: {Url: "https://lyon.example.org/"}}}}
    """,
)
_NOT_IN_NAMES = re.compile("[^A-Za-z0-9_-]+")


def peers_are_defined(context: CheckContext) -> Iterator[Finding]:
    """Peers have names and addresses that Orthanc reads (1.12.7, 1.13.0)."""
    for path, peer in values_at(context.profile.archive.settings, ("OrthancPeers", "*")):
        place = ("archive", "settings", *path)
        if _NOT_IN_NAMES.search(path[-1]):
            message = f"Orthanc takes no peer with the name `{path[-1]}`"
            hint = f"write `{_NOT_IN_NAMES.sub('-', path[-1]).strip('-') or 'peer'}`"
        elif not _has_address(peer):
            message, hint = f"the peer `{path[-1]}` has no address", "write `{Url: https://…}`"
        else:
            continue
        # The value may be a secret: no excerpt shows it.
        yield context.finding(PEER_DEFINITION, place, message, hint, key=True, is_sensitive=True)


def _has_address(peer: object) -> bool:
    """Whether a peer is a mapping with an address, or a list of one, alone or with a user and a password."""
    if isinstance(peer, list):
        return len(peer) in {1, 3} and all(isinstance(part, str) for part in peer)
    return isinstance(peer, dict) and bool(peer.get("Url"))


PRIVATE_TAG_DEFINITION = Rule(
    "private-tag-definition",
    Severity.ERROR,
    summary="An entry of `Dictionary` is not a definition of a DICOM tag. Orthanc ends at once with `Bad file format`, "
    "`Parameter out of range` or `Unknown DICOM tag`.",
    remedy='Write the number of the tag, and its value representation, name, least and largest count, and creator: `"0011,1010": [LO, '
    "SiteNumber, 1, 1, CREATOR]`.",
    example="""
        archive: {settings: {Dictionary: {"0011,1010": [LO, SiteNumber, 1, 1, 5]}}}
    """,
)


def private_tags_are_defined(context: CheckContext) -> Iterator[Finding]:
    """Entries of `Dictionary` have the form that Orthanc reads."""
    for path, entry in values_at(context.profile.archive.settings, ("Dictionary", "*")):
        fault, remedy = _fault(entry), "write `[LO, SiteNumber, 1, 1, CREATOR]`"
        if not _TAG_BY_NUMBER.fullmatch(path[-1]):
            fault = "its name is not the number of a DICOM tag"
            remedy = "write the group and the element, such as `0011,1010`"
        if fault:
            # The value may be a secret: no excerpt shows it.
            yield context.finding(
                PRIVATE_TAG_DEFINITION,
                ("archive", "settings", *path),
                f"`{'.'.join(path)}` defines no tag: {fault}",
                remedy,
                key=True,
                is_sensitive=True,
            )


def _fault(entry: object) -> str:
    """Why Orthanc (1.12.7, 1.13.0) refuses an entry of `Dictionary`; empty if it does not."""
    if not isinstance(entry, list) or not 3 <= len(entry) <= 5:
        return "it is not a list of three to five items"
    representation, name, least, *others = entry
    texts = (representation, name, *others[1:])
    counts = (least, *others[:1])
    if not all(isinstance(text, str) for text in texts):
        return "the value representation, the name and the creator are texts"
    if not all(isinstance(count, int) and not isinstance(count, bool) for count in counts):
        return "the counts are whole numbers, without quotes"
    if representation not in _REPRESENTATIONS:
        return "its first item is not a value representation of DICOM"
    # 0 is no limit.
    if counts[-1] != 0 and counts[-1] < least:
        return "the largest count is below the least"
    return ""


def _tags(settings: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The tags in the settings, each with its path."""
    for key in _TAG_LISTS:
        for path, tags in values_at(settings, tuple(key.split("."))):
            if isinstance(tags, list):
                for index, tag in enumerate(tags):
                    if isinstance(tag, str):
                        yield (*path, index), tag


def _unknown(context: CheckContext, path: tuple[str | int, ...], tag: str) -> Finding:
    place = ("archive", "settings", *path)
    # The value may be a secret: no excerpt shows it.
    message = f"`{'.'.join(map(str, path[:-1]))}` has an item that is not a DICOM tag"
    return context.finding(UNKNOWN_TAG_IN_SETTING, place, message, nearest_tag(tag), is_sensitive=True)
