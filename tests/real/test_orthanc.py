"""Orthanc as rendered: it starts without a complaint, takes large objects, compresses, and lets named modalities in."""

from __future__ import annotations

import pytest
from pydicom.uid import JPEGLSLossless

from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.real import dicom
from tests.support.real.archive import CALLING, Start, gathering, modality
from tests.support.real.orthanc import OPEN_WITHOUT_AUTHORIZATION, Orthanc, wait_for_port

IN_FORCE = (
    OPEN_WITHOUT_AUTHORIZATION,
    r"WADO-URI support is disabled",
    r"Orthanc Explorer UI is disabled",
    r"The DICOM server is disabled",
    r"Support of IIIF is disabled in the whole-slide imaging plugin",
    r"The whole-slide imaging plugin will use at most \d+ threads",
)
"""What Orthanc says where a safe setting is in force, and (the first) of the absent authorization plugin's task."""


def test_an_object_larger_than_the_memory_for_temporary_files_is_taken(
    start_archive: Start, orthanc: Orthanc
) -> None:
    """Orthanc 1.13.0 writes the bodies of uploads to a temporary file first, and archives as well: on the volume."""
    archive = start_archive(make_deployment(), confined=True, **modality(orthanc))
    size = 600 * 1024 * 1024
    made = dicom.encode(dicom.instance(PixelData=b"\0" * size, Rows=24576, Columns=25600))

    answer = archive.orthanc.request("POST", "/instances", body=made, seconds=120)
    assert answer.status == 200
    study = answer.json()["ParentStudy"]
    job = archive.orthanc.post(f"/studies/{study}/archive", {"Synchronous": False})["ID"]
    archive.orthanc.wait_until(
        lambda: archive.orthanc.get(f"/jobs/{job}")["State"] in {"Success", "Failure"},
        seconds=120,
        what="the archive",
    )

    assert archive.orthanc.get(f"/jobs/{job}")["State"] == "Success"


def test_images_are_compressed_without_loss_where_the_profile_says_so(
    start_archive: Start, orthanc: Orthanc
) -> None:
    """Whatever way an image comes, it is kept as JPEG-LS with its UIDs and pixels; an object without pixels loses nothing."""
    archive = start_archive(make_deployment(archive="{transcode: jpeg-ls, dicom: {}}"), **modality(orthanc))
    side = 256
    pixels = bytes((row + column) // 4 for row in range(side) for column in range(side))
    images = [dicom.instance(PixelData=pixels, Rows=side, Columns=side) for _ in range(3)]
    report = dicom.instance()
    del report.PixelData

    archive.upload([images[0], report])
    archive.stow([images[1]])
    archive.c_store([images[2]])

    for image in images:
        kept, decoded = archive.stored(image)
        assert kept.file_meta.TransferSyntaxUID == JPEGLSLossless
        assert len(kept.PixelData) < len(pixels) / 3
        assert (decoded.SOPInstanceUID, decoded.PixelData) == (image.SOPInstanceUID, pixels)
    kept, _ = archive.stored(report)
    assert {element.tag: element.value for element in kept} == {
        element.tag: element.value for element in report
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_starts_without_a_complaint(start_archive: Start, name: str) -> None:
    """Nothing that is rendered makes Orthanc warn, of 1.12.7 as of 1.13.0."""
    archive = start_archive(example(name))

    assert archive.orthanc.complaints(allowed=IN_FORCE) == []


def test_only_named_modalities_get_in(start_archive: Start, orthanc: Orthanc) -> None:
    """A stranger's title, a title that nobody answers to, and a known title from another address are refused."""
    archive = start_archive(gathering(), **modality(orthanc))
    wait_for_port(archive.orthanc.host, 4243)
    host, study = archive.orthanc.host, dicom.study()

    attempts = [("ORTHANC", 4242, "STRANGER"), ("OTHER", 4242, CALLING), ("NEURO", 4243, CALLING)]

    for called, port, calling in attempts:
        with pytest.raises(ConnectionRefusedError):
            dicom.c_store(study, host=host, port=port, called=called, calling=calling)


def test_modalities_of_one_title_and_address_have_the_rights_of_both(
    start_archive: Start, orthanc: Orthanc
) -> None:
    """Titles are equal in any case: what may only echo stores by the entry of another, so a profile has one entry for both."""
    peers = modality(orthanc)["DicomModalities"]
    echoes = {**peers["tests"], "AllowStore": False}
    stores = {**peers["tests"], "AET": CALLING.lower()}
    study = dicom.study()

    archive = start_archive(gathering(), DicomModalities={"echoes": echoes, "stores": stores})
    archive.c_store(study)

    assert archive.path_of(study)
