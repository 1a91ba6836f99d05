"""The identity of a finding for programs that compare two runs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthgen.findings import Finding


def fingerprint(finding: Finding) -> str:
    """The same for the same finding after lines above it were added, because lines of a file come and go."""
    subject = ".".join(map(str, finding.path)) or finding.message
    return sha256(f"{finding.rule.id}\0{finding.location.file}\0{subject}".encode()).hexdigest()
