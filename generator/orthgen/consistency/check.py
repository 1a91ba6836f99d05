"""
Verification of every artifact before a file is written: its syntax, its consistency with others.

A finding here is a bug of orthgen, or of a changed template. The checks are listed in `orthgen.consistency`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.consistency import CHECKS
from orthgen.consistency.parsed_files import ParsedFiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.findings import Finding
    from orthgen.products.artifact import Artifact


def verify(artifacts: Sequence[Artifact]) -> list[Finding]:
    """Findings about files that do not parse, or that disagree with another file of the deployment."""
    files = ParsedFiles.of(artifacts)
    if files.findings:
        return list(files.findings)
    return [finding for check in CHECKS for finding in check(files)]
