"""The collections of a real Orthanc gather studies: by AET, by tags, whatever way these come."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, Sequence, dcmread

from tests.support.real import dicom
from tests.support.real.archive import FITS, Start, gathering, modality
from tests.support.real.orthanc import Orthanc


def test_rules_gather_studies_in_whatever_way_they_come(start_archive: Start, orthanc: Orthanc) -> None:
    """Tags and called AETs bring their labels by C-STORE, STOW-RS and the REST interface; without a rule there is none."""
    archive = start_archive(gathering(), **modality(orthanc))
    fits: dict[str, Any] = {"InstitutionName": "IUCPQ Québec", "Modality": "US"}
    stored, stowed, uploaded = dicom.study(**fits), dicom.study(**fits), dicom.study(**fits)
    called, both, other = (
        dicom.study(),
        dicom.study(StudyDescription="Cerebral MR"),
        dicom.study(Modality="US"),
    )

    archive.c_store(stored)
    archive.stow(stowed)
    archive.upload(uploaded)
    archive.c_store_to("NEURO", called)
    archive.c_store_to("CARDIO", both)
    archive.upload(other)

    assert archive.gathered(stored, stowed, uploaded, called, both, other) == [
        {"cardio"},
        {"cardio"},
        {"cardio"},
        {"neuro"},
        {"cardio", "neuro"},
        set(),
    ]


def test_a_study_that_comes_twice_ends_the_same(start_archive: Start, orthanc: Orthanc) -> None:
    """The same study again, by the same ways, has the same labels, and the log says so once."""
    archive = start_archive(gathering(), **modality(orthanc))
    study = dicom.study(**FITS)
    archive.c_store(study)
    first = archive.gathered(study)

    archive.c_store(study)
    archive.stow(study)
    archive.upload(study)
    second = archive.gathered(study)

    assert first == second == [{"cardio"}]


def test_what_a_person_did_to_labels_stays(start_archive: Start, orthanc: Orthanc) -> None:
    """A label that a person took away does not come back with more images, and one that a person put on stays."""
    archive = start_archive(gathering(), **modality(orthanc))
    study = dicom.study(**FITS)
    archive.upload(study)
    archive.gathered(study)
    path = archive.path_of(study)
    archive.orthanc.request("DELETE", f"{path}/labels/cardio")
    archive.orthanc.request("PUT", f"{path}/labels/by-hand", body=b"")

    archive.upload(dicom.study(StudyInstanceUID=study[0].StudyInstanceUID, **FITS))

    assert archive.gathered(study) == [{"by-hand"}]


def test_more_of_a_study_can_bring_a_label(start_archive: Start, orthanc: Orthanc) -> None:
    """A series that a modality sends later and that fits a rule labels the study that it joins, however that came."""
    archive = start_archive(gathering(), **modality(orthanc))
    study = dicom.study(Modality="OT")
    archive.upload(study)
    before = archive.gathered(study)

    archive.c_store(dicom.study(StudyInstanceUID=study[0].StudyInstanceUID, **FITS))

    assert (before, archive.gathered(study)) == ([set()], [{"cardio"}])


def test_what_comes_first_over_the_web_can_bring_labels_by_each_of_its_series(
    start_archive: Start, orthanc: Orthanc
) -> None:
    """A study that is handed in over the web is read whole, in however many requests it comes."""
    archive = start_archive(gathering(stable_after=4), **modality(orthanc))
    study = dicom.study(Modality="OT")
    archive.upload(study)
    archive.stow(dicom.study(StudyInstanceUID=study[0].StudyInstanceUID, **FITS))

    assert archive.gathered(study) == [{"cardio"}]


def test_an_object_that_is_added_over_the_web_chooses_no_label(
    start_archive: Start, orthanc: Orthanc
) -> None:
    """Anybody who may upload, report or modify cannot bring a study of others into a collection by its tags."""
    archive = start_archive(gathering(), **modality(orthanc))
    studies = {
        f"{came}, then {added}": dicom.study()
        for came in ("c_store", "upload", "stow", "named")
        for added in ("upload", "stow", "modify", "series")
    }
    for name, study in studies.items():
        came = name.split(",")[0]
        if came == "named":
            archive.c_store_to("NEURO", study)
        else:
            getattr(archive, came)(study)
    before = archive.gathered(*studies.values())

    for name, study in studies.items():
        archive.add(name.rpartition(" ")[2], study)

    found = dict(zip(studies, archive.gathered(*studies.values()), strict=True))
    assert found == dict(zip(studies, before, strict=True))
    assert {frozenset(labels) for labels in before} == {frozenset(), frozenset({"neuro"})}


def test_an_object_of_others_among_those_of_a_modality_chooses_no_label(
    start_archive: Start, orthanc: Orthanc
) -> None:
    """Also while the study arrives, and before; what the modality sends counts."""
    archive = start_archive(gathering(stable_after=4), **modality(orthanc))
    during, fitting = dicom.study(), dicom.study(**FITS)
    for study in (during, fitting):
        archive.c_store(study[:1])
        archive.add("upload", study)
        archive.c_store(study[1:])

    assert archive.gathered(during, fitting) == [set(), {"cardio"}]


def test_a_study_that_was_arriving_at_a_stop_is_gathered_after_the_start(
    start_archive: Start, orthanc: Orthanc, tmp_path: Path
) -> None:
    """Orthanc forgets what was not yet complete; the script looks for it when Orthanc starts again."""
    deployment = gathering(stable_after=600)
    study = dicom.study(**FITS)
    first = start_archive(deployment, storage=tmp_path / "kept", **modality(orthanc))
    first.upload(study)
    first.orthanc.stop(politely=20)

    second = start_archive(deployment, storage=tmp_path / "kept", **modality(orthanc))

    assert second.gathered(study) == [{"cardio"}]


PATTERNS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "small letters": ({"InstitutionName": "iucpq", "Modality": "US"}, {"cardio"}),
    "accented capitals": ({"InstitutionName": "HÔPITAL LAVAL", "Modality": "US"}, {"cardio"}),
    "blanks around": ({"InstitutionName": " IUCPQ ", "Modality": "US"}, {"cardio"}),
    "not from the beginning": ({"InstitutionName": "The IUCPQ", "Modality": "US"}, set()),
    "not to the end": ({"InstitutionName": "Hôpital Laval 2", "Modality": "US"}, set()),
    "one tag of two": ({"InstitutionName": "IUCPQ", "Modality": "CT"}, set()),
    "a tag is missing": ({"Modality": "US"}, set()),
    "a tag is empty": ({"InstitutionName": "", "Modality": "US"}, set()),
    "one character": ({"StudyDescription": "Çerebral"}, {"neuro"}),
    "no character": ({"StudyDescription": "erebral"}, set()),
    "two characters": ({"StudyDescription": "A cerebral"}, set()),
    "one of several values": ({"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, {"primary"}),
    "none of several values": ({"ImageType": ["DERIVED", "SECONDARY"]}, set()),
    "any text": ({"AccessionNumber": "A1"}, {"numbered"}),
    "no text": ({"AccessionNumber": ["", ""]}, set()),
}


@pytest.mark.parametrize("charset", ["ISO_IR 192", "ISO_IR 100", "unsaid"])
def test_patterns_fit_whole_values_in_any_case_and_character_set(
    start_archive: Start, orthanc: Orthanc, charset: str
) -> None:
    """Letters are the same in any case, a question mark is one letter in any encoding; unsaid means Latin-1."""
    archive = start_archive(gathering(), **modality(orthanc))
    studies = {name: _encoded(charset, tags) for name, (tags, _) in PATTERNS.items()}

    for study in studies.values():
        archive.upload(study)

    found = dict(zip(studies, archive.gathered(*studies.values()), strict=True))
    assert found == {name: expected for name, (_, expected) in PATTERNS.items()}


def _encoded(charset: str, tags: dict[str, Any]) -> list[Dataset]:
    """A study of one image in the character set; `unsaid` writes Latin-1 and does not say so."""
    written = "ISO_IR 100" if charset == "unsaid" else charset
    study = dicom.study(1, SpecificCharacterSet=written, **tags)
    if charset == "unsaid":
        # Read back, its values stay the bytes that they are.
        study = [dcmread(io.BytesIO(dicom.encode(image))) for image in study]
        del study[0].SpecificCharacterSet
    return study


@pytest.mark.parametrize("depth", [20, 40])
def test_tags_within_tags_are_looked_past(start_archive: Start, orthanc: Orthanc, depth: int) -> None:
    """A structured report has items in items, and anybody who may send can send more of them; texts have brackets, too."""
    archive = start_archive(gathering(), **modality(orthanc))
    nested = Dataset()
    nested.TextValue = 'a "}]} \\ {["'
    for _ in range(depth):
        outer = Dataset()
        outer.ContentSequence = Sequence([nested, Dataset()])
        nested = outer
    study = dicom.study(1, **FITS, ContentSequence=Sequence([nested]), StudyDescription='{[ "Cerebral" ]}')

    archive.upload(study)

    assert archive.gathered(study) == [{"cardio"}]


def test_nothing_in_a_profile_gets_out_of_its_lua_string(start_archive: Start, orthanc: Orthanc) -> None:
    """Quotes, backslashes, brackets and comments in names, patterns and the profile's own path are data."""
    nasty = '"]] .. os.exit() --\\'
    collections = {
        "cardio": {"gather": [{"tags": {"StudyDescription": f"*{nasty}", "Modality": "'*'"}}]},
        "neuro": {"gather": [{"tags": {"StudyDescription": f"{nasty}"}}]},
    }
    archive = start_archive(gathering(collections, source="a--]]b.yaml"), **modality(orthanc))
    # LT may hold a backslash; StudyDescription (LO) uses it between values.
    study = dicom.study(StudyDescription=['"]] .. os.exit() --', ""])
    archive.upload(study)

    assert archive.gathered(study) == [{"neuro"}]


def test_orthanc_shows_no_text_that_a_refused_pattern_could_match(
    start_archive: Start, orthanc: Orthanc
) -> None:
    """A value of 256 bytes of UTF-8 is shown, a longer one is not: no pattern of more bytes matches anything."""
    archive = start_archive(gathering(), **modality(orthanc))
    image = dicom.instance(ImageComments="b" * 256, PatientComments="c" * 257, AcquisitionComments="é" * 129)
    image.SpecificCharacterSet = "ISO_IR 100"

    made = archive.orthanc.request("POST", "/instances", body=dicom.encode(image)).json()
    tags = archive.orthanc.get(f"/instances/{made['ID']}/tags")

    types = [tags[number]["Type"] for number in ("0020,4000", "0010,4000", "0018,4000")]
    assert types == ["String", "TooLong", "TooLong"]
