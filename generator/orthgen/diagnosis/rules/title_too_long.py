"""An application entity title that is too long."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "title-too-long",
    Severity.ERROR,
    summary="An application entity title (AET) has more than 16 characters, which is the limit of DICOM (PS3.5, AE).",
    consequence="Other machines refuse the association, or see a title that was cut off and do not know it.",
    remedy="Write a title of 16 characters at most, and the same title at the other machine.",
    file="orthanc.json",
    example='{"DicomAet": "UNIVERSITY_HOSPITAL_PACS"}',
    counterexample='{"DicomAet": "UNIVERSITY_PACS"}',
)
_MAX_CHARACTERS = 16


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Titles fit into DICOM's field."""
    for orthanc in deployment.orthancs:
        for path in _titles(orthanc):
            title = orthanc.settings.get(*path)
            if isinstance(title, str) and len(title) > _MAX_CHARACTERS and "$" not in title:
                yield Finding(
                    RULE,
                    f"the title `{title}` has {len(title)} characters; DICOM allows {_MAX_CHARACTERS}",
                    orthancs.place(orthanc, *path),
                    f"write {_MAX_CHARACTERS} characters at most",
                )


def _titles(orthanc: Orthanc) -> Iterator[Path]:
    yield ("DicomAet",)
    for name, value in mapping(orthanc.settings.get("DicomModalities")).items():
        yield ("DicomModalities", name, 0 if isinstance(value, list) else "AET")
