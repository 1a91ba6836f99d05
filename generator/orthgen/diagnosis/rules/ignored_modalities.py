"""Modalities in a file that Orthanc does not read, because the database has them."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "ignored-modalities",
    Severity.WARNING,
    summary="`DicomModalities` is written, and `DicomModalitiesInDatabase` is true.",
    consequence="Orthanc reads modalities from its database: those in the file are unknown, and refused.",
    remedy="Add them by `PUT /modalities/{name}` and remove them here, or set `DicomModalitiesInDatabase` to false.",
    file="orthanc.json",
    example='{"DicomModalitiesInDatabase": true, "DicomModalities": {"ct": ["CT1", "10.1.2.3", 104]}}',
    counterexample='{"DicomModalitiesInDatabase": false, "DicomModalities": {"ct": ["CT1", "10.1.2.3", 104]}}',
)
_PAIRS = (("DicomModalitiesInDatabase", "DicomModalities"), ("OrthancPeersInDatabase", "OrthancPeers"))


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Modalities and peers are in one place."""
    for orthanc in deployment.orthancs:
        for switch, key in _PAIRS:
            if orthanc.settings.get(key) and orthancs.is_on(orthanc, switch, default=False):
                yield Finding(
                    RULE,
                    f"`{key}` is not read, because `{switch}` is true",
                    orthancs.place(orthanc, key),
                    f"set `{switch}` to false, or add the entries by the REST API",
                    related=((orthancs.place(orthanc, switch), switch),),
                )
