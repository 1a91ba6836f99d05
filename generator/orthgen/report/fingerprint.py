"""The identity of a finding for programs that compare two runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthgen.findings import Finding


def fingerprint(finding: Finding) -> str:
    """The same for the same finding after lines above it were added, because lines of a file come and go."""
    from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, which the text form does not need

    subject = ".".join(map(str, finding.path)) or finding.message
    return sha256(f"{finding.rule.id}\0{finding.location.file}\0{subject}".encode()).hexdigest()
