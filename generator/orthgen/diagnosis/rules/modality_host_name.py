"""A modality with a host name where Orthanc compares addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_ADDRESS = re.compile(r"[0-9.]+|[0-9a-fA-F:]+")
RULE = Rule(
    "modality-host-name",
    Severity.WARNING,
    summary="`DicomCheckModalityHost` is on, and a modality's host is a name.",
    consequence="Orthanc compares the name with the address of the caller, which never fits: the modality is refused.",
    remedy="Write the modality's IP address.",
    file="orthanc.json",
    example='{"DicomCheckModalityHost": true, "DicomModalities": {"ct": {"AET": "CT1", "Host": "ct1", "Port": 104}}}',
    counterexample='{"DicomCheckModalityHost": true, "DicomModalities": {"ct": {"AET": "CT1", "Host": "10.1.2.3", "Port": 104}}}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Addresses are compared with addresses."""
    for orthanc in deployment.orthancs:
        if not orthancs.is_on(orthanc, "DicomCheckModalityHost", default=False):
            continue
        related = ((orthancs.place(orthanc, "DicomCheckModalityHost"), "DicomCheckModalityHost"),)
        for name, modality in orthancs.section(orthanc, "DicomModalities").items():
            key: str | int = 1 if isinstance(modality, list) else "Host"
            host = orthanc.settings.get("DicomModalities", name, key)
            if isinstance(host, str) and not _ADDRESS.fullmatch(host) and "${" not in host:
                yield Finding(
                    RULE,
                    f"modality `{name}` has the host name `{host}`, and Orthanc compares addresses",
                    orthancs.place(orthanc, "DicomModalities", name, key),
                    "write its IP address",
                    related=related,
                )
