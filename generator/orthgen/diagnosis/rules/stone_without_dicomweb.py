"""A Stone Web Viewer without the DICOMweb plugin."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "stone-without-dicomweb",
    Severity.ERROR,
    summary="The Stone Web Viewer is used, and DICOMweb is off.",
    consequence="The viewer stays black, or its plugin does not load: it fetches images by DICOMweb.",
    remedy='Write `"DicomWeb": {"Enable": true}`, and load the plugin.',
    file="orthanc.json",
    example="""
        {
          "RegisteredUsers": {"reception": "a-long-password-1"},
          "DicomWeb": {"Enable": false},
          "StoneWebViewer": {"DateFormat": "DD/MM/YYYY"}
        }
    """,
    counterexample="""
        {
          "RegisteredUsers": {"reception": "a-long-password-1"},
          "DicomWeb": {"Enable": true},
          "StoneWebViewer": {"DateFormat": "DD/MM/YYYY"}
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Stone has the DICOMweb that it reads."""
    for orthanc in deployment.orthancs:
        if orthancs.has_stone(orthanc) and not orthancs.is_on(orthanc, "DicomWeb", "Enable", default=True):
            yield Finding(
                RULE,
                "`DicomWeb.Enable` is false, and the Stone Web Viewer fetches images by DICOMweb",
                orthancs.place(orthanc, "DicomWeb", "Enable"),
                'write `"Enable": true`',
                replacement="true",
            )
