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
_WITHOUT_TEXT = ((_SEQUENCE, "a sequence"), (_PIXELS, "pixel data"), (_FILE_HEAD, "in the head of the file"))


def alternatives_have_text(context: CheckContext) -> Iterator[Finding]:
    """No alternative of a pattern is empty."""
    for path, _, pattern in _patterns(context):
        if not all(part.strip() for part in pattern.split("|")):
            hint = "write a text on both sides of each `|`; no value matches an empty one"
            yield context.finding(EMPTY_ALTERNATIVE, path, f"`{pattern}` has an empty alternative", hint)


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
