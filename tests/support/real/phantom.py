"""A synthetic CT of a chest: enough of a volume for a viewer to measure and to segment in."""

from __future__ import annotations

import struct
from typing import Any

from pydicom import Dataset
from pydicom.uid import CTImageStorage

from tests.support.real import dicom

_SIDE = 128
_OFFSET = 1024
# Ellipses in units of half the image's side: x, y, half-axes, Hounsfield units. A later one covers an earlier one.
_BODY = (
    (0.0, 0.05, 0.86, 0.62, 40),
    (0.0, 0.05, 0.82, 0.58, -60),
    (0.0, 0.05, 0.78, 0.54, 50),
    (-0.40, 0.0, 0.30, 0.42, -780),
    (0.40, 0.0, 0.30, 0.42, -780),
    (0.10, -0.10, 0.24, 0.22, 120),
    (0.0, 0.42, 0.13, 0.12, 700),
    (0.0, 0.42, 0.06, 0.05, 30),
    (-0.36, -0.12, 0.07, 0.07, 60),
)


def chest(size: int = 16, **tags: Any) -> list[Dataset]:
    """The axial slices of one CT series; `tags` are attributes by keyword."""
    shared = {
        "StudyInstanceUID": dicom.uid(),
        "SeriesInstanceUID": dicom.uid(),
        "FrameOfReferenceUID": dicom.uid(),
        "StudyID": "1",
        "StudyDescription": "CT chest",
        "SeriesDescription": "Axial",
        "SeriesNumber": 1,
        "PatientBirthDate": "19700101",
        "PatientSex": "O",
        **tags,
    }
    return [_slice(number, size, shared) for number in range(1, size + 1)]


def _slice(number: int, size: int, tags: dict[str, Any]) -> Dataset:
    return dicom.instance(
        SOPClassUID=CTImageStorage,
        Modality="CT",
        InstanceNumber=number,
        Rows=_SIDE,
        Columns=_SIDE,
        PixelSpacing=[3, 3],
        SliceThickness=5,
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        ImagePositionPatient=[0, 0, 5 * number],
        BitsAllocated=16,
        BitsStored=16,
        HighBit=15,
        RescaleIntercept=-_OFFSET,
        RescaleSlope=1,
        WindowCenter=-300,
        WindowWidth=1400,
        PixelData=_pixels(1 - abs(2 * number / size - 1) / 5),
        **tags,
    )


def _pixels(scale: float) -> bytes:
    """Little-endian 16-bit pixels of one slice; organs are smaller towards the ends of the volume."""
    rows = []
    for line in range(_SIDE):
        y = 2 * line / _SIDE - 1
        values = [-1000] * _SIDE
        for center_x, center_y, half_x, half_y, units in _BODY:
            rest = 1 - ((y / scale - center_y) / half_y) ** 2
            if rest > 0:
                half = half_x * rest**0.5
                first, last = (round(((center_x + side * half) * scale + 1) * _SIDE / 2) for side in (-1, 1))
                values[first:last] = [units] * (last - first)
        rows.append(struct.pack(f"<{_SIDE}H", *(value + _OFFSET for value in values)))
    return b"".join(rows)
