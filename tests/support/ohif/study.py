"""A tiny synthetic CT study, and the DICOMweb answers that a viewer asks for about it."""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass, field
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset

STUDY = "1.2.826.0.1.3680043.8.498.1"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
_SIZE = 64
_STUDY_LEVEL = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "PatientName",
    "PatientID",
    "StudyID",
    "AccessionNumber",
)
_SERIES_LEVEL = (
    "SeriesInstanceUID",
    "Modality",
    "SeriesNumber",
    "SeriesDescription",
    "SeriesDate",
    "SeriesTime",
)


@dataclass
class Archive:
    """The instances of one study, by SOP instance UID, with the pixels of those that have some."""

    instances: dict[str, Dataset] = field(default_factory=dict)
    pixels: dict[str, bytes] = field(default_factory=dict)

    def add_slices(self, count: int) -> None:
        """A CT series of `count` axial slices of 64 by 64 pixels with a bright disc in the middle."""
        for number in range(1, count + 1):
            dataset = _slice(number)
            self.instances[dataset.SOPInstanceUID] = dataset
            self.pixels[dataset.SOPInstanceUID] = _disc(number)

    def store(self, file: bytes) -> Dataset:
        """Take in a DICOM file as it came by STOW-RS."""
        dataset = dcmread(io.BytesIO(file), force=True)
        self.instances[dataset.SOPInstanceUID] = dataset
        return dataset

    def studies(self) -> list[dict[str, Any]]:
        """The answer to a search for studies."""
        first = next(iter(self.instances.values()))
        answer = _only(first, _STUDY_LEVEL)
        answer.ModalitiesInStudy = sorted({dataset.Modality for dataset in self.instances.values()})
        answer.NumberOfStudyRelatedInstances = len(self.instances)
        answer.NumberOfStudyRelatedSeries = len(self._series())
        return [answer.to_json_dict()]

    def series(self) -> list[dict[str, Any]]:
        """The answer to a search for the study's series."""
        answers = []
        for members in self._series().values():
            answer = _only(members[0], (*_SERIES_LEVEL, "StudyInstanceUID"))
            answer.NumberOfSeriesRelatedInstances = len(members)
            answers.append(answer.to_json_dict())
        return answers

    def metadata(self, series: str | None = None) -> list[dict[str, Any]]:
        """The metadata of every instance, or of one series'."""
        datasets = [d for d in self.instances.values() if series is None or d.SeriesInstanceUID == series]
        return [_without_pixels(dataset).to_json_dict() for dataset in datasets]

    def _series(self) -> dict[str, list[Dataset]]:
        grouped: dict[str, list[Dataset]] = {}
        for dataset in self.instances.values():
            grouped.setdefault(dataset.SeriesInstanceUID, []).append(dataset)
        return grouped


def _slice(number: int) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID = CT_IMAGE
    dataset.SOPInstanceUID = f"{STUDY}.1.{number}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY, f"{STUDY}.1"
    dataset.FrameOfReferenceUID = f"{STUDY}.9"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate, dataset.PatientSex = (
        "Test^Phantom",
        "P1",
        "",
        "O",
    )
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = "20240102"
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = "101112"
    dataset.StudyID, dataset.AccessionNumber, dataset.Modality = "1", "A1", "CT"
    dataset.SeriesNumber, dataset.SeriesDescription, dataset.InstanceNumber = 1, "Phantom", number
    dataset.Rows = dataset.Columns = _SIZE
    dataset.PixelSpacing, dataset.SliceThickness = [1, 1], 2
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0, 0, 2 * number]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.RescaleIntercept, dataset.RescaleSlope = 0, 1
    dataset.WindowCenter, dataset.WindowWidth = 400, 1000
    return dataset


def _disc(number: int) -> bytes:
    """Little-endian 16-bit pixels: a disc whose radius grows with the slice's number, on a gradient."""
    middle = (_SIZE - 1) / 2
    radius = 12 + 2 * number
    return b"".join(
        struct.pack("<h", 800 if math.hypot(x - middle, y - middle) < radius else 4 * x)
        for y in range(_SIZE)
        for x in range(_SIZE)
    )


def _only(dataset: Dataset, keywords: tuple[str, ...]) -> Dataset:
    answer = Dataset()
    for keyword in keywords:
        if keyword in dataset:
            setattr(answer, keyword, dataset[keyword].value)
    return answer


def _without_pixels(dataset: Dataset) -> Dataset:
    answer = Dataset()
    answer.update({tag: element for tag, element in dataset.items() if tag != 0x7FE00010})
    return answer
