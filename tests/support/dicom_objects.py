"""DICOM objects as they come by STOW-RS, and such that have a second reading."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
BOUNDARY = "a-boundary"
_NUMBERS = count(1)


def dicom(study: str, patient: str, sop_class: str = COMPREHENSIVE_SR, **changes: Any) -> bytes:
    """A DICOM file of a new object; `changes` are other elements, `syntax` its transfer syntax."""
    syntax = changes.pop("syntax", ExplicitVRLittleEndian)
    number = next(_NUMBERS)
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, f"2.25.{10**20 + number}"
    dataset.Modality, dataset.PatientName, dataset.PatientID = "SR", "Test^Phantom", patient
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, f"2.25.{2 * 10**20 + number}"
    dataset.SeriesNumber = 1
    # What stands before the study's UID in real reports: sequences, with and without lengths.
    inner = Dataset()
    inner.ReferencedSOPClassUID, inner.ReferencedSOPInstanceUID = CT_IMAGE, "1.2.3"
    dataset.ReferencedPerformedProcedureStepSequence = Sequence([inner])
    dataset["ReferencedPerformedProcedureStepSequence"].is_undefined_length = True
    dataset.ReferencedStudySequence = Sequence([inner])
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def multipart(
    *objects: bytes, headers: str = "Content-Type: application/dicom", boundary: str = BOUNDARY
) -> bytes:
    """A body of these objects."""
    parts = [f"--{boundary}\r\n{headers}\r\n\r\n".encode() + content + b"\r\n" for content in objects]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


CONTENT_TYPE = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
