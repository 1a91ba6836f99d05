"""DICOM: who may reach Orthanc, and the titles that gather studies."""

from __future__ import annotations

from typing import Any

from orthgen.products.orthanc import orthanc_settings
from tests.support.builders import make_deployment

CT = "{modalities: {ct1: {aet: CT1, host: 10.1.2.3, port: 104, may: [echo, store]}}}"


def settings(**changes: Any) -> dict[str, Any]:
    """The settings of the small profile with `changes`."""
    return orthanc_settings(make_deployment(**changes))


def test_nobody_listens_for_dicom_where_nobody_sends() -> None:
    """Without modalities and AETs the server is off."""
    assert settings()["DicomServerEnabled"] is False
    assert settings(archive=CT)["DicomServerEnabled"] is True


def test_a_modality_may_what_the_profile_says_and_nothing_else() -> None:
    """Every command is written out: Orthanc allows what is not."""
    assert settings(archive=CT)["DicomModalities"]["ct1"] == {
        "AET": "CT1",
        "Host": "10.1.2.3",
        "Port": 104,
        "AllowEcho": True,
        "AllowFind": False,
        "AllowFindWorklist": False,
        "AllowGet": False,
        "AllowMove": False,
        "AllowStore": True,
        "AllowStorageCommitment": True,
    }


def test_a_makers_workaround_is_named_in_orthancs_words() -> None:
    """`manufacturer` is handed through."""
    archive = "{modalities: {x: {aet: X, host: 10.1.2.3, may: [find], manufacturer: GE}}}"

    modality = settings(archive=archive)["DicomModalities"]["x"]

    assert (modality["Manufacturer"], modality["Port"]) == ("GE", 104)
    assert modality["AllowStorageCommitment"] is False


def test_the_ports_inside_do_not_follow_those_outside() -> None:
    """Orthanc has no right to open a port below 1024; the host's port leads to its own."""
    deployment = make_deployment(
        archive="{aet: PACS, dicom: {port: 104, collections-port: 11112}}",
        collections="{cardio: {gather: [{called-aet: CARDIO}]}, neuro: {gather: [{called-aet: NEURO}]}}",
    )

    assert orthanc_settings(deployment)["DicomPort"] == 4242
    assert [(server.aet, server.port) for server in deployment.collection_aets] == [
        ("CARDIO", 4243),
        ("NEURO", 4244),
    ]
    assert [port.port for port in deployment.host_ports.all()] == [80, 443, 104, 11112, 11113, 8081]


def test_each_title_of_a_collection_labels_studies() -> None:
    """A server of its own for each title, which labels the study and nothing below."""
    servers = settings(
        collections="{cardio: {label: CARDIO-1, gather: [{called-aet: ECHO}, {called-aet: CATH}]}, neuro: {}}"
    )["MultitenantDicom"]["Servers"]

    assert [(server["AET"], server["Labels"]) for server in servers] == [
        ("ECHO", ["CARDIO-1"]),
        ("CATH", ["CARDIO-1"]),
    ]
    assert len({server["Port"] for server in servers}) == 2
    assert {tuple(server["LabelsStoreLevels"]) for server in servers} == {("Study",)}


def test_the_plugin_of_titles_is_there_only_with_titles() -> None:
    """A section would have the image load it."""
    assert "MultitenantDicom" not in settings()
