"""Checks of the rules by tags: a rule that matches nothing, or that has an empty alternative."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext


EMPTY_ALTERNATIVE = Rule(
    "empty-alternative",
    Severity.ERROR,
    summary="A rule that gathers by a tag has nothing before or after a `|`. No value matches an empty alternative.",
    remedy="Write a text on both sides of each `|`.",
    example="""
        collections: {cardio: {gather: [tags: {InstitutionName: "IUCPQ|"}]}}
    """,
)
TAG_WITHOUT_TEXT = Rule(
    "tag-without-text",
    Severity.ERROR,
    summary="A collection gathers by a tag of which Orthanc shows no text: a sequence, pixel data, or the head of the file. "
    "The rule would match no study.",
    remedy="Name a tag that has text, such as `Modality`.",
    example="""
        collections: {cardio: {gather: [tags: {ProcedureCodeSequence: "*"}]}}
    """,
)
LONG_PATTERN = Rule(
    "long-pattern",
    Severity.ERROR,
    summary="A rule gathers by a text of more than 256 bytes of UTF-8. Orthanc shows no value of that length, so that the rule would "
    "match no study.",
    remedy="Write the beginning of the text and `*`, or take `|` between alternatives.",
    example=f"""
        collections: {{cardio: {{gather: [tags: {{StudyDescription: {"Heart" * 52}}}]}}}}
    """,
)

NO_DATE_OF_DICOM = Rule(
    "no-date-of-dicom",
    Severity.ERROR,
    summary="A rule gathers by a date that has a dash or a slash. DICOM writes dates as `20240131`, and a rule has no ranges, "
    "so that it would match no study.",
    remedy="Write `20240131`; `202401*` is a month, `2024*` a year, and `|` stands between alternatives.",
    example="""
        collections: {trial: {gather: [tags: {StudyDate: 20240101-20241231}]}}
    """,
)

# Orthanc's `/instances/ID/tags` has the type `TooLong`, and no text, for longer values (ORTHANC_MAXIMUM_TAG_LENGTH, 1.12.7 to 1.13.0).
_MAX_VALUE_BYTES = 256
# Keywords of PS3.6 (2024) with the value representation SQ: all others that end in `Sequence` are of CS.
_SEQUENCE = re.compile(
    "(?!(?:Scanning|EchoPulse|SteadyStatePulse|EchoPlanarPulse|Compression)Sequence$)"
    ".*Sequence(?:Trial)?$|SequenceOfUltrasoundRegions$"
)
_PIXELS = re.compile("(?:Float|DoubleFloat)?PixelData$|7[fF][eE]0,00(?:08|09|10)$")
# Orthanc's `/instances/ID/tags` leaves out the file meta information (group 0002).
_FILE_HEAD = re.compile(
    "0002,|(?:TransferSyntax|ImplementationClass|MediaStorageSOPClass|MediaStorageSOPInstance|PrivateInformationCreator)UID$|"
    "(?:ImplementationVersionName|(?:Source|Sending|Receiving)ApplicationEntityTitle)$"
)
# The dates that studies are told apart by; a keyword that ends so may have another value representation.
_DATE_TAG = re.compile(
    "(?:Study|Series|Acquisition|Content|InstanceCreation|PatientBirth|PerformedProcedureStepStart)Date|"
    "0008,00(?:12|2[0-3])|0010,0030|0040,0244"
)
_WITHOUT_TEXT = ((_SEQUENCE, "a sequence"), (_PIXELS, "pixel data"), (_FILE_HEAD, "in the head of the file"))


def alternatives_have_text(context: CheckContext) -> Iterator[Finding]:
    """No alternative of a pattern is empty."""
    for path, _, pattern in _patterns(context):
        if not all(part.strip() for part in pattern.split("|")):
            hint = "write a text on both sides of each `|`; no value matches an empty one"
            yield context.finding(EMPTY_ALTERNATIVE, path, f"`{pattern}` has an empty alternative", hint)


def patterns_can_match(context: CheckContext) -> Iterator[Finding]:
    """Each alternative of a pattern is as short as the values that Orthanc shows."""
    for path, tag, pattern in _patterns(context):
        length = max(map(_least_bytes, pattern.split("|")))
        if length > _MAX_VALUE_BYTES:
            message = f"no study matches by `{tag}`: the text has {length} bytes, and Orthanc shows values of {_MAX_VALUE_BYTES} at most"
            yield context.finding(LONG_PATTERN, path, message, "write the beginning of the text, and `*`")


def dates_are_written_as_in_dicom(context: CheckContext) -> Iterator[Finding]:
    """Patterns for a date have the form of DICOM's dates (PS3.5, DA): eight digits, in old studies with points."""
    for path, tag, pattern in _patterns(context):
        if _DATE_TAG.fullmatch(tag) and re.search(r"[0-9*?]\s*[-/]|[-/]\s*[0-9*?]", pattern):
            message = f"no study matches by `{tag}`: DICOM writes a date as `20240131`"
            hint = "write the digits alone; `202401*` is a month, `2024*` a year, and there are no ranges"
            yield context.finding(NO_DATE_OF_DICOM, path, message, hint)


def _least_bytes(alternative: str) -> int:
    """The bytes of the shortest value that matches, in UTF-8; a letter can be a capital or a small one."""
    return sum(
        min(
            len(variant.encode("utf-8", "surrogatepass"))
            for variant in (letter, letter.lower(), letter.upper())
        )
        for letter in alternative.strip()
        if letter != "*"
    )


def tags_have_text(context: CheckContext) -> Iterator[Finding]:
    """Orthanc shows the value of each tag that gathers."""
    for path, tag, _ in _patterns(context):
        for expression, reason in _WITHOUT_TEXT:
            if expression.match(tag):
                hint = "name a tag that has text, such as the modality"
                yield context.finding(
                    TAG_WITHOUT_TEXT,
                    path,
                    f"no study matches by `{tag}`, because it is {reason}",
                    hint,
                    key=True,
                )


def _patterns(context: CheckContext) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Each tag and pattern of each rule, with its path in the profile."""
    for name, collection in context.profile.collections.items():
        for index, rule in enumerate(collection.gather):
            for tag, pattern in (rule.tags or {}).items():
                yield ("collections", name, "gather", index, "tags", tag), tag, pattern
