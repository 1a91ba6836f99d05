"""An address for DICOMweb's links that does not follow the request."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "fixed-dicomweb-host",
    Severity.ERROR,
    summary="`DicomWeb.Host` or `DicomWeb.Ssl` fixes the address that DICOMweb writes into its answers.",
    consequence="Viewers list the studies and cannot load images or PDFs: they request them from the fixed address. With "
    "`localhost` only a browser on the server itself works.",
    remedy="Remove both keys. The reverse proxy tells Orthanc the public address in `Forwarded` or `X-Forwarded-*` headers.",
    file="orthanc.json",
    example='{"DicomWeb": {"Enable": true, "Host": "localhost", "Ssl": false}}',
    counterexample='{"DicomWeb": {"Enable": true}}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """DICOMweb takes its public address from the request."""
    for orthanc in deployment.orthancs:
        keys = [key for key in ("Host", "Ssl") if orthanc.settings.get("DicomWeb", key) is not None]
        if not keys:
            continue
        first, *others = (orthancs.place(orthanc, "DicomWeb", key) for key in keys)
        names = " and ".join(f"`DicomWeb.{key}`" for key in keys)
        yield Finding(
            RULE,
            f"{names} replace the address of the request in DICOMweb's links",
            first,
            "remove it; set `Forwarded` in the reverse proxy",
            related=tuple((other, f"DicomWeb.{key}") for other, key in zip(others, keys[1:], strict=True)),
        )
