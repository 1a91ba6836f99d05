"""
Check of every artifact before a file is written: its syntax, its consistency with the others.

A finding here is a bug of orthgen, or of a changed template. The checks are listed in `orthgen.consistency`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.consistency import CHECKS
from orthgen.consistency.parsed_files import ParsedFiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.findings import Finding
    from orthgen.products.artifact import Artifact


def inconsistencies(artifacts: Sequence[Artifact]) -> list[Finding]:
    """Findings about files that do not parse, or that disagree with another file of the deployment."""
    files = ParsedFiles.of(artifacts)
    if files.findings:
        return list(files.findings)
    # Positions take a node tree of each JSON file, which is most of the time of the checks, and a finding is rare.
    if not _findings(replace(files, has_positions=False)):
        return []
    return _findings(files)


def _findings(files: ParsedFiles) -> list[Finding]:
    return [finding for check in CHECKS for finding in check(files)]
