"""A source of data that OHIF in Orthanc does not have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import did_you_mean, nearest

RULE = Rule(
    "ohif-without-data-source",
    Severity.ERROR,
    summary="OHIF in Orthanc reads by DICOMweb, and DICOMweb is off; or `OHIF.DataSource` is a word that the plugin does not know.",
    consequence="OHIF opens and shows no study, or its plugin does not load.",
    remedy='Write `"DicomWeb": {"Enable": true}` and `"DataSource": "dicom-web"`, or `"dicom-json"`.',
    file="orthanc.json",
    example='{"OHIF": {"DataSource": "dicomweb"}, "DicomWeb": {"Enable": true}}',
    counterexample='{"OHIF": {"DataSource": "dicom-web"}, "DicomWeb": {"Enable": true}}',
)
_SOURCES = ("dicom-web", "dicom-json")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF has a source of data."""
    for orthanc in deployment.orthancs:
        if not orthanc.settings.has("OHIF") or not orthancs.loads(orthanc, "Ohif"):
            continue
        source = orthanc.settings.get("OHIF", "DataSource")
        location = orthancs.place(orthanc, "OHIF", "DataSource")
        if isinstance(source, str) and source not in _SOURCES:
            close = nearest(source, _SOURCES)
            yield Finding(
                RULE,
                f"the plugin knows no data source `{source}`",
                location,
                did_you_mean(source, _SOURCES),
                replacement=f'"{close}"' if close else "",
            )
        elif source == "dicom-web" and not orthancs.is_on(orthanc, "DicomWeb", "Enable", default=True):
            yield Finding(
                RULE,
                "OHIF reads by DICOMweb, which is off",
                location,
                'write `"Enable": true` in `DicomWeb`',
                related=((orthancs.place(orthanc, "DicomWeb", "Enable"), "DicomWeb.Enable"),),
            )
