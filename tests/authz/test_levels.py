"""Which level is checked, and what follows for labels and links."""

from typing import Any

import pytest

from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.resources import Level

from .builders import ask, link, plugin, user


def checked(**levels: Any) -> PluginConfiguration:
    """The test configuration with other levels checked."""
    return plugin(without=() if "CheckedLevel" in levels else ("CheckedLevel",), **levels)


@pytest.mark.parametrize(
    ("word", "level"),
    [("patients", "patient"), ("Study", "study"), ("SERIES", "series"), ("instance", "instance")],
)
def test_checked_level_checks_one_level_alone(word: str, level: str) -> None:
    """CheckedLevel takes the level in any spelling that the plugin takes and unchecks the others."""
    assert checked(CheckedLevel=word).unchecked_levels == frozenset(Level) - {level}


def test_system_as_checked_level_checks_everything() -> None:
    """`CheckedLevel: system` is taken, and leaves nothing unchecked."""
    assert not checked(CheckedLevel="system").unchecked_levels


def test_without_levels_the_patient_is_asked_first() -> None:
    """With neither option the first resource is the patient, whose labels decide alone."""
    configuration = checked()

    assert not ask("GET /studies/{A}", user("reader"), of=configuration).granted
    assert ask("GET /studies/{C}", user("reader"), of=configuration).granted
    assert not ask("GET /studies/{A}", link("A"), of=configuration).granted
    assert not ask("POST /tools/lookup", user("reader"), of=configuration).granted


def test_unchecked_levels_name_those_that_are_not_checked() -> None:
    """UncheckedLevels may leave any set of levels; a link has to open each that is left."""
    as_usual = checked(UncheckedLevels=["patient", "series", "instances", "system"])
    two = checked(UncheckedLevels=["patients", "system", "instance"])

    assert ask("GET /series/{A.series}", link("A"), of=as_usual).granted
    assert not ask("GET /series/{A.series}", link("A"), of=two).granted
    assert ask("GET /series/{A.series}", user("reader"), of=two).granted


def test_series_checked_breaks_links_and_unlocks_studies() -> None:
    """With CheckedLevel series a study path has no checked resource: labels do not refuse, links do not open."""
    configuration = checked(CheckedLevel="series")

    assert ask("GET /studies/{B}", user("reader"), of=configuration).granted
    assert not ask("GET /series/{B.series}", user("reader"), of=configuration).granted
    assert not ask("GET /studies/{A}", link("A"), of=configuration).granted


def test_archives_of_several_studies_need_each_link() -> None:
    """create-archive names several resources; labels ask the first, links all of them."""
    assert ask("GET /tools/create-archive?resources={A}", link("A")).granted
    assert not ask("GET /tools/create-archive?resources={A},{B}", link("A")).granted
    assert ask("GET /tools/create-archive?resources={A},unknown", link("A")).granted
    assert not ask("GET /tools/create-archive", link("A")).granted


@pytest.mark.parametrize(
    "path",
    [
        "/dicom-web/studies/{A.uid}/metadata",
        "/dicom-web/studies/{A.uid}/series/{A.uid}.1/instances/{A.uid}.1.1/frames/1,2",
        "/dicom-web/series?StudyInstanceUID={A.uid}",
        "/dicom-web/instances?studyinstanceuid={A.uid}&0020000E={A.uid}.1&SOPInstanceUID={A.uid}.1.1",
        "/dicom-web/series?0020000D={A.uid}&SeriesInstanceUID={A.uid}.1",
        "/wsi/tiles/{A.series}/0/0/0",
        "/web-viewer/instances/jpeg95-{A.instance}_0",
        "/osimis-viewer/images/{A.instance}/0/high-quality",
        "/osimis-viewer/studies/{A}",
    ],
)
def test_every_way_to_name_a_study_is_read(path: str) -> None:
    """Paths by Orthanc id and by DICOM UID lead to the study, which the link opens, and no other link does."""
    assert ask(f"PUT {path}".replace("PUT", "GET"), link("A", decodable=True)).allowed
    assert not ask(f"GET {path}", link("B")).granted


def test_a_search_by_patient_touches_the_patient() -> None:
    """QIDO by PatientID alone touches the patient level, and an unknown one is refused."""
    configuration = checked(CheckedLevel="patients")

    assert not ask("GET /dicom-web/series?PatientID=PAT-A", user("reader"), of=configuration).granted
    assert "not stored" in ask("GET /dicom-web/series?PatientID=NOBODY", user("reader")).decisive.found
    assert ask("GET /dicom-web/series?PatientID=PAT-*", user("all")).granted
    assert ask("GET /dicom-web/series?StudyInstanceUID=&PatientID=", user("reader")).allowed


def test_series_of_another_study_pass_with_the_study() -> None:
    """The plugin does not ask whether the series belongs to the study that the path names."""
    assert ask("GET /dicom-web/studies/{A.uid}/series/{B.uid}.1", user("reader")).allowed
    assert not ask("GET /dicom-web/studies/{A.uid}/series/1.2.3", user("reader")).allowed
