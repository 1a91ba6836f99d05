"""What the guard reads in the bodies of searches, modifications and creations."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.authz.dicom_tags import describes_patient, name_of
from orthgen.authz.request_bodies import (
    Modification,
    creation,
    modification,
    replaces_original,
    search_refusal,
)
from orthgen.authz.resources import Level

PATIENT, STUDY, SERIES = Level.PATIENT, Level.STUDY, Level.SERIES


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("0020,000d", "0020000D"),
        ("(0020-000D)", "0020000D"),
        ("00100020", "00100020"),
        (" PatientID ", "00100020"),
        ("StudyInstanceUID", "0020000D"),
        ("StudyDate", "studydate"),
        ("Private_7", "private_7"),
        ("RequestAttributesSequence[0].PatientID", ""),
        ("0010,002", None),
        ("0010,00200", None),
        ("7Tesla", None),
        ("Patient ID", None),
        ("PatientID\t", None),
        ("Pätient", None),
        ("", None),
    ],
)
def test_a_tag_has_one_name_in_every_spelling(spelling: str, name: str | None) -> None:
    """Numbers with and without separators, keywords in any case; what Orthanc would not read names no tag."""
    assert name_of(spelling) == name


def test_the_patients_group_describes_a_patient() -> None:
    """Every number of group 0010, and the keywords that Orthanc describes a patient by."""
    assert all(map(describes_patient, ("00100010", "00101234", "patientname", "retired_otherpatientids")))
    assert not any(map(describes_patient, (None, "", "00080020", "studydate")))


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"Level": "Study", "Query": {}, "Labels": ["a"]}, ""),
        ({"ParentStudy": "x"}, ""),
        ({"ParentSeries": "x"}, ""),
        ({"Level": "Study", "ParentPatient": "x"}, "a search by `ParentPatient`"),
        ({"ParentStudy": "x", "ParentSeries": "y"}, "`ParentStudy` and `ParentSeries`"),
        (["Study"], ""),
        (None, ""),
    ],
)
def test_a_search_has_no_parent_beside_its_labels(body: Any, refused: str) -> None:
    """A patient, or two parents, would lead to studies without the labels; a body that is no object gets 400."""
    refusal = search_refusal(body)

    assert (refusal[1] if refusal is not None else "") == refused


def _changes(*identifiers: tuple[Level, str], patient: bool = False) -> Modification:
    return Modification(identifiers, describes_patient=patient)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, _changes()),
        ({"Replace": {"StudyDescription": "x"}, "Remove": ["StudyDate"]}, _changes()),
        ({"Replace": {"PatientName": "x"}}, _changes(patient=True)),
        ({"Remove": ["0010,0040"]}, _changes(patient=True)),
        ({"Keep": ["PatientName"]}, _changes()),
        ({"Replace": {"PatientID": " P 1 ", "PatientName": "x"}}, _changes((PATIENT, "P 1"))),
        (
            {"Replace": {"StudyInstanceUID": "1.2", "0020000E": "1.3"}},
            _changes((STUDY, "1.2"), (SERIES, "1.3")),
        ),
        ({"Replace": {"StudyInstanceUID": "1.2\u0000"}}, None),
        ({"Replace": {"StudyInstanceUID": "1" * 65}}, None),
        ({"Replace": {"StudyInstanceUID": 1}}, None),
        ({"Replace": {"PatientID": " "}}, None),
        ({"Replace": {"PatientID": "x" * 65}}, None),
        ({"Replace": {"PatientID": r"A\B"}}, None),
        ({"Replace": {"PatientID": "é"}}, None),
        ({"Replace": {"PatientID": " Data:,x"}}, None),
        ({"Replace": {"Pätient": "x"}}, None),
        ({"Replace": ["PatientID"]}, None),
        ({"Remove": ["Pätient"]}, None),
        ({"Keep": [7]}, None),
    ],
)
def test_a_modification_is_read_or_refused(body: dict[str, Any], expected: Modification | None) -> None:
    """The identifiers that results get, and whether the patient's description changes; else no plain spelling."""
    read = modification(body, anonymizes=False)

    if expected is None:
        assert isinstance(read, tuple)
    else:
        assert read == expected


@pytest.mark.parametrize(
    ("body", "patient"),
    [
        ({}, False),
        ({"Keep": ["StudyInstanceUID"]}, False),
        ({"Keep": ["PatientID"]}, True),
        ({"Keep": ["PatientID"], "Replace": {"PatientID": "P1"}}, False),
    ],
)
def test_an_anonymous_copy_that_keeps_its_patient_describes_it(
    body: dict[str, Any], *, patient: bool
) -> None:
    """An anonymous copy of the same patient loses names: the patient's description changes with it."""
    read = modification(body, anonymizes=True)

    assert isinstance(read, Modification)
    assert read.describes_patient is patient


@pytest.mark.parametrize(
    ("body", "replaces"),
    [
        ({}, False),
        ({"KeepSource": True}, False),
        ({"KeepSource": False}, True),
        ({"KeepSource": 1}, True),
        ({"Keep": ["SOPInstanceUID"]}, True),
        ({"Keep": ["0008-0018"]}, True),
        ({"Keep": ["StudyInstanceUID"]}, False),
        ({"Keep": ["Pätient"]}, True),
        (["Keep"], False),
        (None, False),
    ],
)
def test_an_anonymous_copy_replaces_its_original(body: Any, *, replaces: bool) -> None:
    """The source is deleted, or the copy keeps its identifier; a name that cannot be read counts as that."""
    assert replaces_original(body) is replaces


@pytest.mark.parametrize(
    ("body", "strings", "identifiers"),
    [
        ({"Tags": {"PatientID": "P1"}, "Parent": "x"}, {"P1", "x"}, {(PATIENT, "P1")}),
        ({"StudyInstanceUID": "1.2"}, {"1.2"}, {(STUDY, "1.2")}),
        (
            {"Content": [{"Tags": {"SeriesInstanceUID": "1.3"}, "Content": ["a"]}, "b"]},
            {"1.3", "a", "b"},
            {(SERIES, "1.3")},
        ),
        ({"Content": "data:,x"}, {"data:,x"}, set()),
        ({"Content": [{}], "Tags": None, "Force": True}, set(), set()),
    ],
)
def test_the_description_of_an_object_is_read(
    body: dict[str, Any], strings: set[str], identifiers: set[tuple[Level, str]]
) -> None:
    """Strings at every depth may be Orthanc's ids; identifiers stand among the tags of the whole and of each part."""
    read = creation(body)

    assert read is not None
    assert (set(read[0]), set(read[1])) == (strings, identifiers)


@pytest.mark.parametrize(
    "body",
    [
        {"Tags": {"PatientID": " "}},
        {"Tags": "PatientID"},
        {"Content": [{"Tags": {"SeriesInstanceUID": "x"}}]},
        {"Pätient": "x"},
    ],
)
def test_the_description_of_an_object_has_plain_tags(body: dict[str, Any]) -> None:
    """Nobody can tell where Orthanc would store what is spelled otherwise."""
    assert creation(body) is None
