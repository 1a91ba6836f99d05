"""DICOM TLS without the files that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "dicom-tls-without-certificate",
    Severity.ERROR,
    summary="`DicomTlsEnabled` is true, and the configuration does not name a certificate, its key, or the certificates of the callers.",
    consequence="Orthanc stops at its start: `Cannot read file with own certificate for DICOM TLS`.",
    remedy="Name `DicomTlsCertificate`, `DicomTlsPrivateKey` and, unless `DicomTlsRemoteCertificateRequired` is false, "
    "`DicomTlsTrustedCertificates`.",
    file="orthanc.json",
    example='{"DicomTlsEnabled": true, "DicomTlsCertificate": "/tls/orthanc.crt", "DicomTlsPrivateKey": "/tls/orthanc.key"}',
    counterexample="""
        {
          "DicomTlsEnabled": true,
          "DicomTlsCertificate": "/tls/orthanc.crt",
          "DicomTlsPrivateKey": "/tls/orthanc.key",
          "DicomTlsTrustedCertificates": "/tls/callers.crt"
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """DICOM TLS has its files (Orthanc 1.12.11, Internals/DicomTls.cpp)."""
    for orthanc in deployment.orthancs:
        is_on = orthancs.is_on(orthanc, "DicomTlsEnabled", default=False)
        serves = orthancs.is_on(orthanc, "DicomServerEnabled", default=True)
        missing = [f"`{key}`" for key in _needed(orthanc) if not orthanc.settings.get(key)]
        if is_on and serves and missing and orthanc.is_complete:
            listed = " and ".join(missing)
            yield Finding(
                RULE,
                f"DICOM TLS is on, without {listed}",
                orthancs.place(orthanc, "DicomTlsEnabled"),
                f"add {listed}",
            )


def _needed(orthanc: Orthanc) -> Iterator[str]:
    yield from ("DicomTlsCertificate", "DicomTlsPrivateKey")
    if orthancs.is_on(orthanc, "DicomTlsRemoteCertificateRequired", default=True):
        yield "DicomTlsTrustedCertificates"
