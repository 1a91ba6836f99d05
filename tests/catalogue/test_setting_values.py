"""The words and numbers that Orthanc and its plugins accept, by release."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.catalogue import load
from orthgen.catalogue.orthanc_defaults import orthanc_default
from orthgen.catalogue.setting_values import accepted_values, refused_values


def refused(settings: dict[str, Any], release: str = "26.8") -> list[tuple[str, ...]]:
    """The paths of the settings that the release refuses."""
    return [path for path, _, _ in refused_values(settings, load(release).components)]


@pytest.mark.parametrize(
    "settings",
    [
        {"OverwriteInstances": "IfChanged"},
        {"OverwriteInstances": True},
        {"DefaultEncoding": "UTF8"},
        {"MaximumPduLength": 4096},
        {"AcceptedSopClasses": ["1.2.840.10008.5.1.4.1.1.2"]},
        {"OrthancPeers": {"lyon": {"Url": "http://lyon.example.org/"}}},
        {"MaximumPduLength": 131072},
        {"IngestTranscoding": "${SYNTAX}"},
        {"IngestTranscoding": "1.2.840.10008.1.2.4.201"},
        {"DicomModalities": {"ct": {"Manufacturer": "MedInria"}, "mr": {"Manufacturer": "SiemensSyngoCT"}}},
    ],
)
def test_what_orthanc_accepts_is_accepted(settings: dict[str, Any]) -> None:
    """Orthanc 1.13.0 starts with each of them."""
    assert refused(settings) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"OverwriteInstances": ""},
        {"OverwriteInstances": 1},
        {"StorageAccessOnFind": "always"},
        {"MaximumPduLength": 4095},
        {"AcceptedSopClasses": "1.2.840.10008.5.1.4.1.1.2"},
        {"RejectedSopClasses": [5]},
        {"ExtraMainDicomTags": {"Study": "StudyDate"}},
        {"OrthancPeers": {"lyon": {"Url": "ftp://lyon.example.org/"}}},
        {"UserMetadata": {"site": 1023}},
        {"MaximumPduLength": 131073},
        {"HttpThreadsCount": 0},
        {"DicomLossyTranscodingQuality": 101},
        {"DicomScuPreferredTransferSyntax": "1.2.3"},
        {"DicomModalities": {"ct": {"Manufacturer": "StoreScp"}}},
    ],
)
def test_what_orthanc_does_not_start_with_is_refused(settings: dict[str, Any]) -> None:
    """Orthanc 1.13.0 ends at once with each of them."""
    assert len(refused(settings)) == 1


def test_words_belong_to_the_version_that_first_reads_them() -> None:
    """Orthanc 1.12.9 knows neither the manufacturer nor JPEG XL and HTJ2K, and reads a switch for `OverwriteInstances`."""
    newer = {
        "DicomModalities": {"ct": {"Manufacturer": "SiemensSyngoCT"}},
        "IngestTranscoding": "1.2.840.10008.1.2.4.201",
    }

    assert refused(newer) == []
    assert len(refused(newer, "25.8")) == 2
    assert refused({"OverwriteInstances": "yes"}, "25.8") == []


def test_every_key_is_read_and_accepts_its_default() -> None:
    """A key that no component reads is a misspelling here, and so is a word that its default is not among."""
    release = load("26.8")
    for key, accepted in accepted_values(release.components).items():
        path = tuple(key.split("."))
        assert release.knows(path), key
        assert accepted.accept(orthanc_default(path)), key
