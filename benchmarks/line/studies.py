"""Studies as a scanner makes them, and what viewers ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset

from tests.support.real import dicom
from tests.support.real.orthanc import RunningOrthanc


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored series, by its DICOMweb address."""

    study: str
    series: str
    instances: tuple[str, ...]

    @property
    def address(self) -> str:
        """The series in DICOMweb."""
        return f"/dicom-web/studies/{self.study}/series/{self.series}"

    @property
    def frames(self) -> list[str]:
        """The first frame of each instance."""
        return [f"{self.address}/instances/{instance}/frames/1" for instance in self.instances]


def store(archive: RunningOrthanc, made: Sequence[Dataset]) -> Stored:
    """Store a series, past nginx."""
    answer = archive.request("POST", "/instances", body=dicom.packed(made), seconds=600)
    if answer.status != 200:
        raise RuntimeError(answer.text)
    return Stored(
        made[0].StudyInstanceUID, made[0].SeriesInstanceUID, tuple(one.SOPInstanceUID for one in made)
    )


def large(file: Path, megabytes: int) -> Path:
    """An object of that size in a file. Its pixels are a hole in the file, so it takes no room on the disk."""
    columns = 20_000
    size = megabytes * 10**6 // columns * columns
    made = dicom.instance(Rows=size // columns, Columns=columns, PixelData=b"")
    head = dicom.encode(made)
    length = head.rindex(b"OB\0\0") + 4
    file.write_bytes(head[:length] + size.to_bytes(4, "little"))
    with file.open("r+b") as body:
        body.truncate(length + 4 + size)
    return file


def multipart(made: Sequence[Dataset], file: Path) -> Path:
    """The body that stores instances by DICOMweb, in a file."""
    with file.open("wb") as body:
        for one in made:
            body.write(b"--border\r\nContent-Type: application/dicom\r\n\r\n" + dicom.encode(one) + b"\r\n")
        body.write(b"--border--\r\n")
    return file
