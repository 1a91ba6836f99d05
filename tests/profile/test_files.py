"""The place of the DICOM files: what is no place says where one could be."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.support.builders import make_profile

BUCKET = "bucket: images, region: eu, access-key: {secret: a}, secret-key: {secret: b}"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ("/srv/dicom", "`/srv/dicom` is not a place for files"),
        ("bucket", "`bucket` is not a place for files"),
        ("{path: srv/dicom}", "`srv/dicom` is not a folder for files"),
        ("{path: /srv/../etc}", "`/srv/../etc` is not a folder for files"),
        ("{path: /etc/dicom}", "`/etc/dicom` is not a folder for files"),
        ("{path: /}", "`/` is not a folder for files"),
        ("{path: '/srv/a:b'}", "`/srv/a:b` is not a folder for files"),
        ("{path: /srv/a, nfs: {server: nas, path: /b}}", "files are in one place: `path` and `nfs`"),
        ("{nfs: {server: nas, path: b}}", "`b` is not an exported folder"),
        ("{nfs: {server: nas, path: /b, options: 'hard,addr=10.0.0.1'}}", "is not a list of mount options"),
        (f"{{s3: {{{BUCKET.replace('images', 'My Bucket')}}}}}", "`My Bucket` is not the name of a bucket"),
        (f"{{s3: {{{BUCKET.replace('images', 's3.example.org/images')}}}}}", "is not the name of a bucket"),
        (f"{{s3: {{{BUCKET.replace('region: eu', 'region: Europe west')}}}}}", "is not the name of a region"),
        (
            f"{{s3: {{{BUCKET}, encryption: {{key: {{secret: c}}, previous: [{{key: {{secret: d}}}}]}}}}}}",
            "two master keys have the same number",
        ),
    ],
)
def test_what_is_no_place_is_refused(files: str, words: str) -> None:
    """A word, a relative path, a folder of the system, two places at once."""
    with pytest.raises(ValidationError) as error:
        make_profile(archive=f"storage: {{files: {files}}}")

    assert words in str(error.value)


@pytest.mark.parametrize(
    "files", ["volume", "{path: /srv/dicom}", "{path: /mnt/nas-1/pacs_2}", "{path: /etcetera}"]
)
def test_a_place_is_taken(files: str) -> None:
    """Also a folder whose name begins like one of the system's."""
    place = make_profile(archive=f"storage: {{files: {files}}}").archive.storage.files

    assert (f"{{path: {place.path}}}" if place.path else "volume") == files
