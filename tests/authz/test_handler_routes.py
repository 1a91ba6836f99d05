"""Routes of the plugin's own handlers: the search that each retrieval of DICOMweb asks Orthanc for."""

from __future__ import annotations

import pytest

from orthgen.authz.handler_routes import Handled, Handler, handler_for
from orthgen.authz.request_target import read_target

from .builders import plugin

STUDY = "/studies/1.2"
SERIES = STUDY + "/series/1.3"
INSTANCE = SERIES + "/instances/1.4"


def handler(target: str, method: str = "GET") -> Handler | None:
    """The handler that a request reaches in the newest release."""
    return handler_for(plugin(), read_target(method, target))


@pytest.mark.parametrize(
    ("below", "level", "has_arguments"),
    [
        ("/studies", "Study", True),
        ("/series", "Series", True),
        ("/instances", "Instance", True),
        (STUDY, "Study", False),
        (STUDY + "/metadata", "Study", False),
        (STUDY + "/series", "Series", True),
        (STUDY + "/instances", "Instance", True),
        (STUDY + "/rendered", "Instance", False),
        (STUDY + "/thumbnail", "Instance", False),
        (SERIES, "Series", False),
        (SERIES + "/metadata", "Series", False),
        (SERIES + "/instances", "Instance", True),
        (SERIES + "/rendered", "Instance", False),
        (INSTANCE, "Instance", False),
        (INSTANCE + "/metadata", "Instance", False),
        (INSTANCE + "/bulk/7", "Instance", False),
        (INSTANCE + "/frames", "Instance", False),
        (INSTANCE + "/frames/1/rendered", "Instance", False),
    ],
)
def test_a_retrieval_searches_for_its_level(below: str, level: str, *, has_arguments: bool) -> None:
    """Only searches read arguments: one of them with a limit that is no number is answered with 400 and searches nothing."""
    uids = [part for part in below.split("/") if part.startswith("1.")]
    keywords = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    search = handler(f"/dicom-web{below}")

    assert search is not None
    assert search.inner
    assert search.kind is Handled.FIND
    assert search.query == {"Level": level, "Query": dict(zip(keywords, uids, strict=False))}
    assert (handler(f"/dicom-web{below}?limit=all") is None) is has_arguments
    assert handler(f"/dicom-web{below}", "POST") is None
    assert handler(f"/dicom-web-2{below}") is None


def test_a_search_at_the_top_takes_its_study_from_the_arguments() -> None:
    """By keyword or by tag; the study of the path comes before it, because the plugin reads the path last."""
    for argument in ("StudyInstanceUID", "0020000d", "0020,000D"):
        search = handler(f"/dicom-web/series?{argument}=1.9")
        assert search is not None
        assert search.query == {"Level": "Series", "Query": {"StudyInstanceUID": "1.9"}}
    below = handler(f"/dicom-web{STUDY}/series?StudyInstanceUID=1.9")

    assert below is not None
    assert below.query == {"Level": "Series", "Query": {"StudyInstanceUID": "1.2"}}
