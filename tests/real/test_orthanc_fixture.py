"""The fixture `orthanc`: a real Orthanc, its plugins, and studies that arrive in each way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.real import dicom, parts
from tests.support.real.container import Confinement
from tests.support.real.orthanc import OPEN_WITHOUT_AUTHORIZATION, Orthanc, wait_for_port

CONFIGURATION: dict[str, Any] = {
    "Name": "test",
    "DicomAet": "ARCHIVE",
    "RemoteAccessAllowed": True,
    "AuthenticationEnabled": False,
    "DicomWeb": {"Enable": True},
    "MultitenantDicom": {
        "Servers": [
            {
                "AET": "CARDIO",
                "Port": 4243,
                "Labels": ["cardio"],
                "LabelsConstraint": "All",
                "LabelsStoreLevels": ["Study"],
            }
        ]
    },
    # From 1.13 on, Orthanc asks for each of these to be chosen.
    "MaximumStorageCacheSize": 128,
    "StorageLoaderThreadsCount": 2,
    "StorageMemoryCapacity": 128,
    "DicomParserMemoryCapacity": 128,
    "DicomParserCacheSize": 128,
    "TranscoderMemoryCapacity": 128,
    "TranscoderCacheSize": 128,
    "SequentialDicomReaderWindowCapacity": 128,
    "SequentialDicomReaderThreadsCount": 2,
    "SequentialDicomReaderWindowSize": 4,
}


@pytest.fixture(params=parts.suites())
def either(orthanc: Orthanc, request: pytest.FixtureRequest) -> Orthanc:
    """The fixture on each Debian that is installed."""
    orthanc.suite = request.param
    return orthanc


def test_a_configuration_without_fault_starts_without_complaint(either: Orthanc) -> None:
    """Orthanc of 1.12.7 or later starts with its plugins and says nothing but ordinary notices."""
    running = either.start(CONFIGURATION)

    version = tuple(int(part) for part in running.get("/system")["Version"].split("."))
    assert version >= (1, 12, 7)
    assert {"dicom-web", "multitenant-dicom"} <= set(running.get("/plugins"))
    assert running.complaints(allowed=[OPEN_WITHOUT_AUTHORIZATION]) == []


def test_a_fault_in_a_configuration_is_a_complaint(either: Orthanc) -> None:
    """Something that Orthanc warns about is seen as a complaint."""
    running = either.start(CONFIGURATION, settings={"ExecuteLuaEnabled": True})

    complaints = running.complaints(allowed=[OPEN_WITHOUT_AUTHORIZATION])
    assert len(complaints) == 1
    assert "LUA" in complaints[0]


def test_studies_arrive_in_three_ways(either: Orthanc) -> None:
    """C-STORE to a called AET, STOW-RS and the REST interface bring studies; the AET brings its label."""
    running = either.start(CONFIGURATION)
    wait_for_port(running.host, 4243)
    sent, stowed, uploaded = dicom.study(Modality="US"), dicom.study(), dicom.study(3)

    statuses = dicom.c_store(sent, host=running.host, port=4243, called="CARDIO")
    stow = dicom.stow(f"{running.url}/dicom-web/studies", stowed)
    uploads = dicom.upload(running.url, uploaded)

    assert statuses == [0, 0]
    assert (stow.status, [answer.status for answer in uploads]) == (200, [200, 200, 200])
    assert running.study_labels() == {
        sent[0].StudyInstanceUID: {"cardio"},
        stowed[0].StudyInstanceUID: frozenset(),
        uploaded[0].StudyInstanceUID: frozenset(),
    }


def test_an_unknown_called_aet_is_refused(orthanc: Orthanc) -> None:
    """An association with an AET that nobody answers to fails."""
    running = orthanc.start(CONFIGURATION, settings={"DicomCheckCalledAet": True})
    wait_for_port(running.host, 4243)

    with pytest.raises(ConnectionRefusedError):
        dicom.c_store(dicom.study(), host=running.host, port=4243, called="UNKNOWN")


def test_a_script_in_lua_labels_stable_studies(orthanc: Orthanc, tmp_path: Path) -> None:
    """A mounted Lua script runs, and what it prints is in the log."""
    script = tmp_path / "labels.lua"
    script.write_text(
        "function OnStableStudy(id, tags, metadata)\n"
        '  RestApiPut("/studies/" .. id .. "/labels/seen", "")\n'
        '  print("labelled " .. id)\n'
        "end\n"
    )
    running = orthanc.start(
        CONFIGURATION,
        mounts={"/etc/orthanc/labels.lua": script},
        settings={"LuaScripts": ["/etc/orthanc/labels.lua"], "StableAge": 1},
    )
    made = dicom.study()
    dicom.upload(running.url, made)

    running.wait_until(lambda: running.study_labels() == {made[0].StudyInstanceUID: {"seen"}})

    assert any("labelled " in line.message for line in running.log())


def test_studies_outlive_a_restart_in_a_confined_container(orthanc: Orthanc, tmp_path: Path) -> None:
    """A polite stop and a new start on the same storage keep the studies, with a read-only root."""
    confined = Confinement(read_only=True, tmpfs=("/tmp",), capabilities=())  # noqa: S108 - a path in the container
    first = orthanc.start(CONFIGURATION, storage=tmp_path / "kept", confinement=confined)
    made = dicom.study()
    dicom.upload(first.url, made)

    status = first.stop(politely=20)
    second = orthanc.start(CONFIGURATION, storage=tmp_path / "kept", confinement=confined)

    assert status == 0
    assert list(second.study_labels()) == [made[0].StudyInstanceUID]
