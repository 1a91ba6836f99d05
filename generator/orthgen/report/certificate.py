"""State of the own authority and its certificate, with the operator's next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.report.secrets_forms import CertificateForm

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.workspace.own_authority import CertificateOutcome


def certificate_text(outcome: CertificateOutcome, folder: Path, *, in_cluster: bool) -> str:
    """A line about the certificate, one about a new authority, and the next step."""
    lines = [f"{folder}: certificate {outcome.certificate}, valid until {outcome.expires:%Y-%m-%d}"]
    if outcome.authority == "made":
        lines += [
            f"  + secrets/{naming.TLS_AUTHORITY}: have every browser trust it (docs/tls.md); its SHA-256 fingerprint:",
            f"    {outcome.fingerprint}",
        ]
    if outcome.certificate == "renewed" and in_cluster:
        lines.append(
            "  = nginx reads it from a Secret: secrets/README.md has the command that writes it there"
        )
    elif outcome.certificate == "renewed":
        lines.append("  = nginx reads it when it starts: docker compose restart nginx")
    return "\n".join(lines)


def certificate_form(outcome: CertificateOutcome) -> CertificateForm:
    """The same for JSON."""
    return CertificateForm(
        state=outcome.certificate,
        expires=outcome.expires.isoformat(),
        authority=outcome.authority,
        fingerprint=outcome.fingerprint,
    )
