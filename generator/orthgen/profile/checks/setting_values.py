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
_TAG_BY_NUMBER = re.compile(r"[0-9A-Fa-f]{4}[-,]?[0-9A-Fa-f]{4}")


def tags_of_settings_exist(context: CheckContext) -> Iterator[Finding]:
    """Tags in raw settings are DICOM keywords, numbers, or private tags that the settings define."""
    settings = context.profile.archive.settings
    own = {entry[1] for _, entry in values_at(settings, ("Dictionary", "*")) if _is_entry(entry)}
    for path, tag in _tags(settings):
        if not _TAG_BY_NUMBER.fullmatch(tag) and not (is_tag(tag) or tag in own):
            yield _unknown(context, path, tag)
    for path, _ in values_at(settings, ("Dictionary", "*")):
        if not _TAG_BY_NUMBER.fullmatch(path[-1]):
            yield context.finding(
                UNKNOWN_TAG_IN_SETTING,
                ("archive", "settings", *path),
                f"`{path[-1]}` is not the number of a DICOM tag",
                "write the group and the element, such as `0011,1010`",
                key=True,
                is_sensitive=True,
            )


def _is_entry(entry: object) -> bool:
    """Whether the entry of `Dictionary` has a name: the second item, after the value representation."""
    return isinstance(entry, list) and len(entry) > 1 and isinstance(entry[1], str)


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
