"""A public root that OHIF adds again."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "bulk-data-prefixed-twice",
    Severity.ERROR,
    summary="OHIF adds a prefix to addresses of bulk data that `DicomWeb.PublicRoot` has in them already.",
    consequence="PDFs and images with bulk data do not open: their path has the prefix twice.",
    remedy="Remove `bulkDataURI` from OHIF's configuration; Orthanc writes the public path.",
    file="app-config.js",
    example="""
        ==> orthanc.json <==
        {"DicomWeb": {"Enable": true, "PublicRoot": "/orthanc/dicom-web/"}}
        ==> app-config.js <==
        window.config = {
          routerBasename: '/ohif',
          dataSources: [
            {
              sourceName: 'orthanc',
              configuration: {
                qidoRoot: '/orthanc/dicom-web',
                wadoRoot: '/orthanc/dicom-web',
                bulkDataURI: { enabled: true, startsWith: 'http', prefixWith: '/orthanc' },
              },
            },
          ],
        };
    """,
    counterexample="""
        ==> orthanc.json <==
        {"DicomWeb": {"Enable": true, "PublicRoot": "/orthanc/dicom-web/"}}
        ==> app-config.js <==
        window.config = {
          routerBasename: '/ohif',
          dataSources: [
            {
              sourceName: 'orthanc',
              configuration: {
                qidoRoot: '/orthanc/dicom-web',
                wadoRoot: '/orthanc/dicom-web',
                bulkDataURI: { enabled: true },
              },
            },
          ],
        };
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """One side adds the public path."""
    roots = [
        orthancs.place(each, "DicomWeb", "PublicRoot")
        for each in deployment.orthancs
        if each.settings.get("DicomWeb", "PublicRoot")
    ]
    for ohif in deployment.ohifs:
        for index, _ in enumerate(as_list(ohif.settings.get("dataSources"))):
            path: Path = ("dataSources", index, "configuration", "bulkDataURI", "prefixWith")
            if roots and ohif.settings.get(*path):
                yield Finding(
                    RULE,
                    "OHIF adds `prefixWith` to addresses that have the public path already",
                    ohif.settings.locate(path),
                    "remove it",
                    related=((roots[0], "DicomWeb.PublicRoot"),),
                )
