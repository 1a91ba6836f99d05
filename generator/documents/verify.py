"""
Reads every artifact back before any file is written: as what it claims to be, and against the others.

A finding here is a bug of orthgen, or of a template that somebody changed; the agreements are listed in
`documents.agreements`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.documents.agreements import AGREEMENTS
from generator.documents.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.documents.artifact import Artifact
    from generator.findings import Finding


def verify(artifacts: Sequence[Artifact]) -> list[Finding]:
    """What does not parse, or does not agree with another file of the same deployment."""
    reading = Reading.of(artifacts)
    if reading.findings:
        return list(reading.findings)
    return [finding for agreement in AGREEMENTS for finding in agreement(reading)]
