"""
What the guard reads in the bodies of searches and modifications; its scripts get the same words as settings.

The plugin checks one parent of a search and Orthanc takes another; of a modification it checks the source, and Orthanc
stores the result wherever the identifiers in the body say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.access.resources import Level

SEARCH_MEMBERS = (
    "CaseSensitive",
    "Expand",
    "Full",
    "Labels",
    "LabelsConstraint",
    "Level",
    "Limit",
    "MetadataQuery",
    "OrderBy",
    "ParentSeries",
    "ParentStudy",
    "Query",
    "RequestedTags",
    "ResponseContent",
    "Short",
    "Simplify",
    "Since",
)
"""What Orthanc reads of a search (1.12.7 to 1.13.0) and the plugin confines to labels: all but `ParentPatient`."""

IDENTIFIERS: Mapping[str, Level] = {
    "PatientID": Level.PATIENT,
    "StudyInstanceUID": Level.STUDY,
    "SeriesInstanceUID": Level.SERIES,
    "SOPInstanceUID": Level.INSTANCE,
}
"""The tags that say where Orthanc stores an object."""


def search_refusal(body: Any) -> tuple[str, str] | None:
    """What a search would have to be (needed, found) for whoever does not see everything; None where it is."""
    if not isinstance(body, Mapping):
        return None  # 400
    other = next((name for name in body if name not in SEARCH_MEMBERS), None)
    if other is not None:
        return ("a role that sees every study, for a search of this kind", f"a search by `{other}`")
    if "ParentStudy" in body and "ParentSeries" in body:
        return ("one parent of a search", "`ParentStudy` and `ParentSeries`")
    return None
