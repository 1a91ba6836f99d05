"""A setting of Orthanc with a word that Orthanc does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts.containers import as_mapping
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.spelling import Vocabulary

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
_METADATA = ("Full", "MainDicomTags", "Extrapolate")
# Orthanc 1.12.11 (ServerEnumerations.cpp, Enumerations.cpp) and DICOMweb 1.24 (Configuration.cpp) read these words.
_WORDS: Mapping[Path, tuple[str, ...]] = {
    ("MaximumStorageMode",): ("Recycle", "Reject"),
    ("StorageAccessOnFind",): ("Always", "Never", "Answers"),
    ("BuiltinDecoderTranscoderOrder",): ("After", "Before", "Disabled"),
    ("DicomWeb", "StudiesMetadata"): _METADATA,
    ("DicomWeb", "SeriesMetadata"): _METADATA,
}
_MANUFACTURERS = (
    *("Generic", "GenericNoWildcardInDates", "GenericNoUniversalWildcard", "Vitrea", "GE"),
    # Old words that Orthanc still reads.
    *("AgfaImpax", "SyngoVia", "EFilm2", "MedInria", "ClearCanvas", "Dcm4Chee", "StoreScp"),
)
_SHOWN = 5
_IS_UID = re.compile(r"[0-9]+(?:\.[0-9]+)+")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc knows each word."""
    for orthanc in deployment.orthancs:
        for path, words in (*_WORDS.items(), *_modalities(orthanc)):
            value = orthanc.settings.get(*path)
            if isinstance(value, str) and "$" not in value and value not in words:
                yield _finding(orthanc, path, value, words)
        syntax = orthanc.settings.get("IngestTranscoding")
        if isinstance(syntax, str) and "$" not in syntax and not _IS_UID.fullmatch(syntax):
            yield Finding(
                RULE,
                f"`IngestTranscoding` is `{syntax}`; Orthanc reads the UID of a transfer syntax",
                orthancs.place(orthanc, "IngestTranscoding"),
                "write a UID, as `1.2.840.10008.1.2.4.70`",
            )


def _finding(orthanc: Orthanc, path: Path, value: str, words: tuple[str, ...]) -> Finding:
    close = Vocabulary(words).nearest(value)
    listed = ", ".join(f"`{word}`" for word in words[:_SHOWN])
    name = (
        f"the manufacturer of `{path[1]}`"
        if path[0] == "DicomModalities"
        else f"`{'.'.join(map(str, path))}`"
    )
    return Finding(
        RULE,
        f"{name} is `{value}`, which Orthanc does not know",
        orthanc.settings.locate(path),
        f"write `{close}`" if close else f"write {listed}",
        replacement=f'"{close}"' if close else "",
    )


def _modalities(orthanc: Orthanc) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The places of manufacturers: the fourth part of a list, or a key."""
    for name, value in as_mapping(orthanc.settings.get("DicomModalities")).items():
        yield ("DicomModalities", name, 3 if isinstance(value, list) else "Manufacturer"), _MANUFACTURERS
