"""A DICOM port that takes images from no machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "no-dicom-sender",
    Severity.WARNING,
    summary="`DicomAlwaysAllowStore` is false, and no entry of `DicomModalities` may store: Orthanc takes images from no machine.",
    consequence="Senders cannot store images; the log of Orthanc has `DICOM authorization rejected`.",
    remedy='List the senders in `DicomModalities`, without `"AllowStore": false`.',
    file="orthanc.json",
    example="""
        {
          "DicomAlwaysAllowStore": false,
          "DicomModalities": {"ct": {"AET": "CT1", "Host": "10.0.0.21", "Port": 104, "AllowStore": false}}
        }
    """,
    counterexample="""
        {
          "DicomAlwaysAllowStore": false,
          "DicomModalities": {"ct": {"AET": "CT1", "Host": "10.0.0.21", "Port": 104}}
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Some machine may store images."""
    for orthanc in deployment.orthancs:
        modalities = mapping(orthancs.setting(orthanc, "DicomModalities"))
        # Without a list, images may come by HTTP only, or the list is in the database.
        if not modalities or not _is_closed(orthanc):
            continue
        if all(isinstance(each, Mapping) and each.get("AllowStore") is False for each in modalities.values()):
            yield Finding(
                RULE,
                "`DicomAlwaysAllowStore` is false, and no modality may store",
                orthancs.place(orthanc, "DicomAlwaysAllowStore"),
                "remove `AllowStore` from the modalities that send images",
                related=((orthancs.place(orthanc, "DicomModalities"), "DicomModalities"),),
            )


def _is_closed(orthanc: Orthanc) -> bool:
    is_in_database = orthancs.is_on(orthanc, "DicomModalitiesInDatabase", default=False)
    is_served = orthancs.is_on(orthanc, "DicomServerEnabled", default=True)
    may_all_store = orthancs.is_on(orthanc, "DicomAlwaysAllowStore", default=True)
    return is_served and not may_all_store and not is_in_database and orthanc.is_complete
