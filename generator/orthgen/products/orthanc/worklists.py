"""The Worklists section: modality worklists kept in Orthanc's own database."""

from __future__ import annotations

from typing import Any

from orthgen.formats.commented_json import Commented
from orthgen.products.orthanc.core import MAX_FIND_RESULTS


def worklists_section() -> dict[str, Any]:
    """Worklists that Orthanc Explorer 2 and programs make; which peers may ask stands with each modality."""
    return {
        "Enable": True,
        "SaveInOrthancDatabase": True,
        "LimitAnswers": MAX_FIND_RESULTS,
        "DeleteWorklistsOnStableStudy": Commented(
            True,
            "Once a study has arrived, the modality no longer offers its worklist.",
        ),
        "SetStudyInstanceUidIfMissing": True,
    }
