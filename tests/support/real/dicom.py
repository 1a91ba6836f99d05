"""Small synthetic DICOM instances, and the three ways in which they reach an archive."""

from __future__ import annotations

import io
import itertools
import random
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, SecondaryCaptureImageStorage
from pynetdicom import AE

from tests.support.real import web

_SIDE = 8
_CT: dict[str, Any] = {
    "Manufacturer": "Maker of Scanners",
    "ManufacturerModelName": "Model 128",
    "InstitutionName": "Hospital",
    "StationName": "CT-3",
    "StudyDescription": "Chest and abdomen with contrast agent",
    "SeriesDescription": "Thin slices, soft tissue",
    "BodyPartExamined": "CHEST",
    "ProtocolName": "Chest routine",
    "ScanOptions": "HELICAL MODE",
    "KVP": "120",
    "DataCollectionDiameter": "500",
    "ReconstructionDiameter": "360",
    "DistanceSourceToDetector": "1085.6",
    "DistanceSourceToPatient": "595",
    "GantryDetectorTilt": "0",
    "TableHeight": "151.5",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "FilterType": "BODY FILTER",
    "ConvolutionKernel": "STANDARD",
    "PatientPosition": "FFS",
    "PatientSex": "F",
    "PatientAge": "061Y",
    "FrameOfReferenceUID": "1.2.826.0.1.3680043.10.543.9",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
    "PixelSpacing": [0.703125, 0.703125],
    "SliceThickness": "1.25",
    "SpacingBetweenSlices": "1.25",
    "WindowCenter": "40",
    "WindowWidth": "400",
    "RescaleIntercept": "-1024",
    "RescaleSlope": "1",
    "RescaleType": "HU",
}


_numbers = itertools.count(1)


def uid() -> str:
    """A UID that no other instance of the same run has; the same run gives the same UIDs."""
    # A UID made from a UUID would differ in each run, and a failure could not be looked at twice.
    return f"1.2.826.0.1.3680043.10.543.{next(_numbers)}"


def instance(**tags: Any) -> Dataset:
    """An image of 8 × 8 grey dots; `tags` are attributes by keyword, such as `Modality="US"`."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = SecondaryCaptureImageStorage
    made.SOPInstanceUID = uid()
    made.StudyInstanceUID = uid()
    made.SeriesInstanceUID = uid()
    made.PatientID = "TEST-1"
    made.PatientName = "Test^Patient"
    made.StudyDate = "20260102"
    made.StudyTime = "030405"
    made.AccessionNumber = ""
    made.Modality = "OT"
    made.Rows = made.Columns = _SIDE
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelRepresentation = 0
    made.PixelData = bytes(range(_SIDE * _SIDE))
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    return made


def study(size: int = 2, **tags: Any) -> list[Dataset]:
    """Instances of one series of one study."""
    shared = {"StudyInstanceUID": uid(), "SeriesInstanceUID": uid(), **tags}
    return [instance(InstanceNumber=number, **shared) for number in range(1, size + 1)]


def ct_series(count: int, side: int) -> list[Dataset]:
    """A series with the attributes that a CT writes; its pixels are noise, because real ones hardly compress either."""
    chosen = random.Random(count)
    made = study(
        count,
        SOPClassUID=CTImageStorage,
        Modality="CT",
        Rows=side,
        Columns=side,
        BitsAllocated=16,
        BitsStored=12,
        HighBit=11,
        **_CT,
    )
    for number, one in enumerate(made):
        one.ImagePositionPatient = [-180, -180, round(-300 + 1.25 * number, 2)]
        one.SliceLocation = str(round(-300 + 1.25 * number, 2))
        one.XRayTubeCurrent = str(chosen.randrange(120, 420))
        one.AcquisitionNumber = 1
        one.ContentTime = f"0304{number % 60:02}.{chosen.randrange(10**6):06}"
        one.PixelData = chosen.randbytes(side * side * 2)
    return made


def encode(made: Dataset) -> bytes:
    """The instance as a DICOM file."""
    file = io.BytesIO()
    dcmwrite(file, made, enforce_file_format=True)
    return file.getvalue()


def packed(instances: Iterable[Dataset]) -> bytes:
    """The instances as a ZIP file, which Orthanc's `POST /instances` takes in one request."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for number, one in enumerate(instances):
            file.writestr(f"{number}.dcm", encode(one))
    return archive.getvalue()


def c_store(
    instances: Sequence[Dataset],
    *,
    host: str,
    port: int,
    called: str,
    calling: str = "MODALITY",
) -> list[int]:
    """Send by the DICOM protocol, as a modality does; return the status of each (0 is success).

    Raises:
        ConnectionRefusedError: the archive refuses the association, for example for an unknown called AET.
    """
    client = AE(ae_title=calling)
    for instance in instances:
        client.add_requested_context(instance.SOPClassUID, instance.file_meta.TransferSyntaxUID)
    association = client.associate(host, port, ae_title=called)
    if not association.is_established:
        raise ConnectionRefusedError(f"{host}:{port} refuses an association with {called}")
    try:
        return [int(getattr(association.send_c_store(instance), "Status", -1)) for instance in instances]
    finally:
        association.release()


def stow(url: str, instances: Iterable[Dataset], **options: Any) -> web.Response:
    """Send by STOW-RS; `url` is that of the studies, such as `http://host/dicom-web/studies`."""
    boundary = "a-boundary-that-is-in-no-image"
    pieces = [
        f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + encode(instance) + b"\r\n"
        for instance in instances
    ]
    body = b"".join(pieces) + f"--{boundary}--\r\n".encode()
    headers = {
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
        "Accept": "application/dicom+json",
        **options.pop("headers", {}),
    }
    return web.request("POST", url, headers=headers, body=body, **options)


def upload(url: str, instances: Iterable[Dataset], **options: Any) -> list[web.Response]:
    """Send as Orthanc Explorer does, one file after the other; `url` is that of Orthanc."""
    return [
        web.request("POST", f"{url}/instances", body=encode(instance), **options) for instance in instances
    ]
