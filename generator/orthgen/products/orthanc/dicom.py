"""DICOM settings: Orthanc's own AET, its peers, and the AETs that gather studies into collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.commented_json import Commented

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.profile.archive import May, Modality

# What a peer may ask of Orthanc, each command by its key; all are true by default, so all are written.
_COMMANDS: dict[str, May] = {
    "AllowEcho": "echo",
    "AllowFind": "find",
    "AllowFindWorklist": "find-worklist",
    "AllowGet": "get",
    "AllowMove": "move",
    "AllowStore": "store",
}


def dicom_settings(deployment: Deployment) -> dict[str, Any]:
    """The keys at the root of orthanc.json that are about DICOM."""
    archive = deployment.profile.archive
    return {
        "DicomServerEnabled": deployment.speaks_dicom,
        "DicomAet": archive.aet,
        "DicomPort": naming.DICOM_PORT,
        "DicomCheckCalledAet": Commented(
            True,
            "A peer is recognised by the AET that it calls, by its own AET and by its address.",
        ),
        "DicomCheckModalityHost": True,
        "DicomAlwaysAllowEcho": Commented(
            False,
            "A peer may do only what its entry in DicomModalities allows; an unknown peer may do nothing.",
        ),
        "DicomAlwaysAllowStore": False,
        "DicomAlwaysAllowFind": False,
        "DicomAlwaysAllowFindWorklist": False,
        "DicomAlwaysAllowGet": False,
        "DicomAlwaysAllowMove": False,
        "UnknownSopClassAccepted": False,
        "DicomModalitiesInDatabase": Commented(
            False,
            "Peers come from the profile, never from the database.",
        ),
        "DicomModalities": {name: _modality(peer) for name, peer in archive.modalities.items()},
    }


def _modality(peer: Modality) -> dict[str, Any]:
    settings: dict[str, Any] = {"AET": peer.aet, "Host": peer.host, "Port": peer.port}
    if peer.manufacturer is not None:
        settings["Manufacturer"] = peer.manufacturer
    settings.update({key: command in peer.may for key, command in _COMMANDS.items()})
    # Orthanc reports to anybody who may store; nobody else asks for a commitment.
    settings["AllowStorageCommitment"] = "store" in peer.may
    return settings


def gathering_section(deployment: Deployment) -> dict[str, Any]:
    """The MultitenantDicom section: one server for each title, which labels what it receives."""
    return {
        "Servers": [
            {
                "AET": server.aet,
                "Port": server.port,
                "Labels": list(server.labels),
                # A query through this title finds only the studies of the collection.
                "LabelsConstraint": "All",
                # Authorization reads the labels of studies only.
                "LabelsStoreLevels": ["Study"],
            }
            for server in deployment.collection_aets
        ]
    }
