"""
What has to hold of plugin and guard together: whatever they allow is inside what the caller may see.

Orthanc's own reading of a body is written down here, from its sources (1.13.0): that is what the guard has to cover.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.access.guard import decide_behind
from generator.access.resources import STORED_LEVELS, Level, Resource
from tests.access.builders import RESOURCES, orthanc_id, request, service, user
from tests.access.test_guard import GUARD, MARKED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LABEL = "external"
LIMITED = {
    "limited": {
        "permissions": ["view", "modify", "anonymize", "delete", "upload"],
        "authorized-labels": [LABEL],
    }
}
STUDIES = tuple(RESOURCES.studies)


def _all() -> Iterator[Resource]:
    for tree in RESOURCES.studies.values():
        yield from tree


def _is_own(resource: Resource) -> bool:
    """Whether the limited role may see a study, or what belongs to one."""
    study = next((one for one in resource.chain if one.level is Level.STUDY), None)
    return study is not None and LABEL in study.labels


# ------------------------------------------------------------------------------------------------ searches


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _ids(level: str) -> st.SearchStrategy[str]:
    return st.sampled_from([orthanc_id(name, level) for name in STUDIES])


SEARCHES = st.fixed_dictionaries(
    {
        "Level": st.sampled_from(["Study", "study", "Series", "SERIES", "Instance", "Patient"]),
        "ParentPatient": _optional(_ids("patient")),
        "ParentStudy": _optional(_ids("study")),
        "ParentSeries": _optional(_ids("series")),
        "Labels": _optional(st.lists(st.sampled_from([LABEL, "cardio"]), max_size=2)),
        "LabelsConstraint": _optional(st.sampled_from(["All", "Any", "None", "any"])),
        "Uid": _optional(st.sampled_from([RESOURCES.studies[name][1].uid for name in STUDIES])),
        "Spelling": st.sampled_from(["StudyInstanceUID", "0020,000d", "0020000D"]),
    }
)


def _body(drawn: Mapping[str, Any]) -> dict[str, Any]:
    query = {drawn["Spelling"]: drawn["Uid"]} if drawn["Uid"] is not None else {}
    rest = {
        key: value for key, value in drawn.items() if value is not None and key not in ("Uid", "Spelling")
    }
    return {**rest, "Query": query}


def _answered(body: Mapping[str, Any]) -> list[Resource]:
    """What Orthanc answers to a search: it takes one parent, the patient before the study before the series."""
    level = Level(body["Level"].lower())
    found = [one for one in _all() if one.level is level]
    for key, parent in (
        ("ParentPatient", Level.PATIENT),
        ("ParentStudy", Level.STUDY),
        ("ParentSeries", Level.SERIES),
    ):
        if key in body:
            found = [one for one in found if (parent, body[key]) in _named(one)]
            break
    uid = next(iter(body["Query"].values()), None)
    found = [one for one in found if uid is None or any(part.uid == uid for part in one.chain)]
    # The plugin confines a search for studies to the labels, when it lets one through.
    return [one for one in found if level is not Level.STUDY or _is_own(one)]


def _named(resource: Resource) -> set[tuple[Level, str]]:
    return {(one.level, one.orthanc_id) for one in resource.chain}


@given(SEARCHES, st.sampled_from(["/tools/find", "/tools/count-resources", "/tools/find/"]))
@settings(max_examples=300)
def test_a_search_that_is_allowed_answers_what_its_caller_sees(drawn: Mapping[str, Any], path: str) -> None:
    """Of any combination of level, parents, labels and UIDs."""
    body = _body(drawn)
    asked = request(f"POST {path}", user("limited"), body=body)

    if decide_behind(GUARD, MARKED, service(LIMITED), asked).granted:
        assert all(_is_own(one) for one in _answered(body))


def test_the_searches_of_explorer_are_allowed() -> None:
    """A list of studies, and the series and instances of one's own study."""
    own = {level: orthanc_id("A", level.value) for level in STORED_LEVELS}
    bodies: list[dict[str, Any]] = [
        {"Level": "Study", "Limit": 50, "Query": {}, "RequestedTags": ["PatientName"], "Expand": True},
        {"Level": "Study", "Query": {}, "Labels": [LABEL], "LabelsConstraint": "All", "OrderBy": []},
        {"Level": "Instance", "Query": {}, "ParentSeries": own[Level.SERIES], "Since": 0, "Expand": True},
        {"Level": "Series", "Query": {}, "ParentStudy": own[Level.STUDY]},
    ]
    for body in bodies:
        asked = request("POST /tools/find", user("limited"), body=body)
        assert decide_behind(GUARD, MARKED, service(LIMITED), asked).granted
