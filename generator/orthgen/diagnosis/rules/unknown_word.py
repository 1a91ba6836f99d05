"""A setting of Orthanc with a word that Orthanc does not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orthgen.catalogue.setting_values import AcceptedValues, refused_values
from orthgen.diagnosis.facts.orthanc_keys import component_versions, newest_versions
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.spelling import nearest

RULE = Rule(
    "unknown-word",
    Severity.ERROR,
    summary="A setting of Orthanc, or the manufacturer of a modality, has a word that Orthanc does not know; small and capital letters "
    "count.",
    consequence="Orthanc stops at its start: `Parameter out of range`, `Unknown modality manufacturer`.",
    remedy="Write one of the words that the finding lists.",
    file="orthanc.json",
    example='{"MaximumStorageSize": 100000, "MaximumStorageMode": "recycle"}',
    counterexample='{"MaximumStorageSize": 100000, "MaximumStorageMode": "Recycle"}',
)
# The place of the manufacturer in a modality that is written as a list.
_MANUFACTURER = 3


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc knows each word."""
    for orthanc in deployment.orthancs:
        versions = component_versions(orthanc) or newest_versions()
        for path, value, accepted in refused_values(_settings(orthanc), versions):
            if isinstance(value, str) and accepted.fatal:
                yield _finding(orthanc, path, value, accepted)


def _settings(orthanc: Orthanc) -> dict[str, Any]:
    """The settings of Orthanc, in which each modality is a mapping."""
    modalities = mapping(orthanc.settings.get("DicomModalities"))
    named = {
        name: {"Manufacturer": value[_MANUFACTURER]}
        for name, value in modalities.items()
        if isinstance(value, list) and len(value) > _MANUFACTURER
    }
    return {**orthanc.settings.value, "DicomModalities": {**modalities, **named}}


def _finding(orthanc: Orthanc, path: tuple[str, ...], value: str, accepted: AcceptedValues) -> Finding:
    place: Path = path
    subject = f"`{'.'.join(path)}`"
    if path[0] == "DicomModalities" and path[-1] == "Manufacturer":
        subject = f"the manufacturer of `{path[1]}`"
        if isinstance(orthanc.settings.get(*path[:2]), list):
            place = (*path[:2], _MANUFACTURER)
    close = nearest(value, accepted.values)
    return Finding(
        RULE,
        f"{subject} is `{value}`, which Orthanc does not know",
        orthanc.settings.locate(place),
        f"write `{close}`" if close else accepted.remedy(value).replace("known here:", "write one of"),
        replacement=f'"{close}"' if close else "",
    )
