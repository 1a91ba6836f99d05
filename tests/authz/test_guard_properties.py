"""
What has to hold of plugin and guard together: whatever they allow is inside what the caller may see.

Orthanc's own reading of a body is written down here, from its sources (1.13.0): that is what the guard has to cover.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from orthgen.authz.dicom_tags import level_of, name_of
from orthgen.authz.guard_model import decide_with_guard
from orthgen.authz.model import Request
from orthgen.authz.resources import STORED_LEVELS, Level, Resource, index, study_tree
from tests.authz.builders import RESOURCES, orthanc_id, request, service, user
from tests.authz.test_guard_model import GUARD, MARKED

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
# The guard of the other tests, with the lists of a rendered one.
EDGE = replace(
    GUARD,
    listing=re.compile(r"/orthanc/(?:tools/bulk-(?:anonymize|delete|modify)|modalities/[^/]+/store)/?$"),
)


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


def search_body(drawn: Mapping[str, Any]) -> dict[str, Any]:
    query = {drawn["Spelling"]: drawn["Uid"]} if drawn["Uid"] is not None else {}
    rest = {
        key: value for key, value in drawn.items() if value is not None and key not in ("Uid", "Spelling")
    }
    return {**rest, "Query": query}


def _answered(body: Mapping[str, Any]) -> list[Resource]:
    """What Orthanc answers to a search: it takes one parent, the patient before the study before the series."""
    level = Level(body["Level"].lower())
    matches = [one for one in _all() if one.level is level]
    for key, parent in (
        ("ParentPatient", Level.PATIENT),
        ("ParentStudy", Level.STUDY),
        ("ParentSeries", Level.SERIES),
    ):
        if key in body:
            matches = [one for one in matches if (parent, body[key]) in _named(one)]
            break
    uid = next(iter(body["Query"].values()), None)
    matches = [one for one in matches if uid is None or any(part.uid == uid for part in one.chain)]
    # The plugin confines a search for studies to the labels, when it lets one through.
    return [one for one in matches if level is not Level.STUDY or _is_own(one)]


def _named(resource: Resource) -> set[tuple[Level, str]]:
    return {(one.level, one.orthanc_id) for one in resource.chain}


@given(SEARCHES, st.sampled_from(["/tools/find", "/tools/count-resources", "/tools/find/"]))
def test_a_search_that_is_allowed_answers_what_its_caller_sees(drawn: Mapping[str, Any], path: str) -> None:
    """Of any combination of level, parents, labels and UIDs."""
    body = search_body(drawn)
    sent_request = request(f"POST {path}", user("limited"), body=body)

    if decide_with_guard(GUARD, MARKED, service(LIMITED), sent_request).granted:
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
        sent_request = request("POST /tools/find", user("limited"), body=body)
        assert decide_with_guard(GUARD, MARKED, service(LIMITED), sent_request).granted


# --------------------------------------------------------------------------------------------- modifications

# How Orthanc spells the tags that say where it stores an object (DicomPath), and what they identify.
SPELLINGS = {
    "PatientID": Level.PATIENT,
    "0010,0020": Level.PATIENT,
    " (0010-0020) ": Level.PATIENT,
    "StudyInstanceUID": Level.STUDY,
    "0020000d": Level.STUDY,
    "SeriesInstanceUID": Level.SERIES,
    "0020,000E": Level.SERIES,
    "SOPInstanceUID": Level.INSTANCE,
    "0008,0018": Level.INSTANCE,
}
DESCRIBING = ("PatientName", "0010,0040", "OtherPatientIDs")


def _shared(number: int, label: str) -> tuple[Resource, ...]:
    """One of two studies of a patient."""
    ids = {
        level: f"{place}{number if place else 0:07x}" + "-c0ffee00" * 4 for place, level in enumerate(Level)
    }
    uids = {level: f"1.2.99.{place}.{number}" for place, level in enumerate(Level)}
    return study_tree(ids, {**uids, Level.PATIENT: "PAT-S"}, {Level.STUDY: [label]})


TREES = (*RESOURCES.studies.values(), _shared(1, LABEL), _shared(2, "cardio"))
STORED = index(one for tree in TREES for one in tree)
OWN = [tree for tree in TREES if _is_own(tree[1])]
MODIFICATIONS = st.fixed_dictionaries(
    {
        "Replace": st.dictionaries(
            st.sampled_from(
                [*SPELLINGS, *DESCRIBING, "StudyDescription", "ReferencedStudySequence[0].PatientID"]
            ),
            st.sampled_from(["9.9", *sorted({one.uid for tree in TREES for one in tree})]),
            max_size=3,
        ),
        "Remove": st.lists(st.sampled_from([*DESCRIBING, "StudyDescription"]), max_size=1),
        "Keep": st.lists(st.sampled_from([*SPELLINGS, "StudyDescription"]), max_size=2),
    }
)


def _whole_patient(tree: tuple[Resource, ...]) -> bool:
    return all(_is_own(other[1]) for other in TREES if other[0].orthanc_id == tree[0].orthanc_id)


def _touches_others(body: Mapping[str, Any], operation: str, source: tuple[Resource, ...]) -> bool:
    """Whether Orthanc would store the results with others' objects, or describe a patient of others anew."""
    replaced = {name: value for name, value in body["Replace"].items() if name in SPELLINGS}
    for name, value in replaced.items():
        level = SPELLINGS[name]
        place = STORED_LEVELS.index(level)
        for tree in TREES:
            if tree[place].uid == value and not (
                _whole_patient(tree) if level is Level.PATIENT else _is_own(tree[1])
            ):
                return True
    if any(SPELLINGS[name] is Level.PATIENT for name in replaced):
        return False
    keeps = any(SPELLINGS.get(name) is Level.PATIENT for name in body["Keep"])
    changes = any(name in DESCRIBING for name in (*body["Replace"], *body["Remove"]))
    is_described = keeps if operation == "anonymize" else changes
    return is_described and not _whole_patient(source)


@given(
    MODIFICATIONS,
    st.sampled_from(["modify", "anonymize"]),
    st.sampled_from(OWN),
    st.sampled_from(["one", "series", "bulk"]),
)
def test_a_modification_that_is_allowed_touches_what_its_caller_sees(
    body: Mapping[str, Any], operation: str, source: tuple[Resource, ...], form: str
) -> None:
    """Of any combination of replaced, removed and kept tags; and what touches nothing of others is allowed."""
    targets = {
        "one": f"/studies/{source[1].orthanc_id}/{operation}",
        "series": f"/series/{source[2].orthanc_id}/{operation}",
        "bulk": f"/tools/bulk-{operation}",
    }
    listed = {"Resources": [source[1].orthanc_id], "Level": "Study"} if form == "bulk" else {}
    sent_request = Request("POST", targets[form], (user("limited"),), STORED, {**body, **listed})

    granted = decide_with_guard(EDGE, MARKED, service(LIMITED), sent_request).granted
    assert granted is (is_plain(body) and not _touches_others(body, operation, source))


def is_plain(body: Mapping[str, Any]) -> bool:
    """Whether UIDs are digits and dots, as the guard wants them."""
    uids = [
        value
        for name, value in body["Replace"].items()
        if SPELLINGS.get(name, Level.PATIENT) is not Level.PATIENT
    ]
    return all(re.fullmatch(r"[0-9.]+", uid) for uid in uids)


@pytest.mark.parametrize(
    "text", ["PatientID", "patientid", " PatientID ", "0010,0020", "00100020", "0010-0020", "(0010,0020)"]
)
def test_every_spelling_of_a_tag_is_the_tag(text: str) -> None:
    """A keyword in any letters, numbers with a comma, a hyphen or nothing, in brackets or not, in blanks or not."""
    assert (name_of(text), level_of(name_of(text))) == ("00100020", Level.PATIENT)


@pytest.mark.parametrize(
    "text", ["PatientID\0x", "PatientID\t", "\u00a0PatientID", "", "Patient ID", "0010 0020", "[0]"]
)
def test_what_is_spelt_otherwise_names_no_tag(text: str) -> None:
    """Orthanc ends names at a NUL and strips every white space; the guard takes neither for a name."""
    assert name_of(text) is None
