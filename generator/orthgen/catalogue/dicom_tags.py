"""The tags that the DICOM standard defines: keywords (PS3.6), and the form of a tag by number."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from orthgen.spelling import Vocabulary, did_you_mean


def is_tag(text: str) -> bool:
    """Whether `text` is a keyword of PS3.6, or a tag by number such as `0010,0020`."""
    return is_numbered_tag(text) or f"\n{text}\n" in _keywords()


def is_numbered_tag(text: str) -> bool:
    """Whether `text` is a tag by number, such as `0010,0020`."""
    group, _, element = text.partition(",")
    return all(
        len(half) == 4 and all(digit in "0123456789abcdefABCDEF" for digit in half)
        for half in (group, element)
    )


def nearest_tag(text: str) -> str:
    """The remedy for `text`, which is no tag."""
    return did_you_mean(text, _vocabulary(), otherwise="write a DICOM keyword, or a tag as `0010,0020`")


@cache
def _keywords() -> str:
    """Every DICOM keyword (PS3.6), one a line, with a line break at both ends."""
    path = Path(__file__).parent / "dicom-keywords.txt"
    return "\n" + path.read_text(encoding="ascii")


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(_keywords().split())
