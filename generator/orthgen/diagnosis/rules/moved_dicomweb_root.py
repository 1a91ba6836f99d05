"""DICOMweb at a path that the authorization plugin does not protect as DICOMweb."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "moved-dicomweb-root",
    Severity.ERROR,
    summary="`DicomWeb.Root` is not `/dicom-web/`, while the authorization plugin keeps protecting `/dicom-web/`.",
    consequence="Everybody gets 403 for DICOMweb, administrators too: viewers show no study.",
    remedy='Write `"Root": "/dicom-web/"`, and let the reverse proxy serve another public path if it has to.',
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "DicomWeb": {"Enable": true, "Root": "/dicomweb/"},
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "DicomWeb": {"Enable": true, "Root": "/dicom-web/"},
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"}
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """DICOMweb is where the plugin looks for it."""
    for orthanc in deployment.orthancs:
        root = orthancs.setting(orthanc, "DicomWeb", "Root")
        if isinstance(root, str) and root.strip("/") != "dicom-web" and orthancs.filters(orthanc):
            yield Finding(
                RULE,
                f"`DicomWeb.Root` is `{root}`; the authorization plugin knows DICOMweb at `/dicom-web/` only",
                orthancs.place(orthanc, "DicomWeb", "Root"),
                "write `/dicom-web/`; the path in public addresses is `PublicRoot`",
                replacement='"/dicom-web/"',
            )
