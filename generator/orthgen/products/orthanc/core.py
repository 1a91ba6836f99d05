"""Orthanc's core settings: HTTP, storage, jobs, and the switches of the security FAQ except DICOM's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.commented_json import Commented
from orthgen.products.orthanc.labels import LABELS_FOLDER, LABELS_SCRIPTS, MARK, MARK_NUMBER
from orthgen.products.orthanc.performance import performance_settings

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

# The security FAQ asks for a bound and suggests 100. It cuts the answers to C-FIND and /tools/find (not those to
# QIDO-RS; 1.13.0 with DICOMweb 1.24), and a workstation would then show part of a series as if it were all: so more
# than the series of any study, and more than the instances of any series.
MAX_FIND_RESULTS = 1000
MAX_FIND_INSTANCES = 20000
# DICOM PS3.6, table A-1.
_TRANSFER_SYNTAXES = {"jpeg-ls": "1.2.840.10008.1.2.4.80"}


def core_settings(deployment: Deployment) -> dict[str, Any]:
    """The keys at the root of orthanc.json that are not about DICOM."""
    profile = deployment.profile
    settings: dict[str, Any] = {
        "Name": profile.institution.name,
        "StorageDirectory": deployment.release.image("orthanc").paths["storage"],
        "MaximumStorageSize": Commented(
            0,
            "Orthanc never deletes a study to make room. 0 is no limit; where the profile sets one, a full archive refuses new files.",
        ),
        "MaximumPatientCount": 0,
        "MaximumStorageMode": "Reject",
        "OverwriteInstances": _overwrite(deployment),
        "StableAge": profile.archive.stable_after,
        "DatabaseServerIdentifier": Commented(
            naming.SERVER_ID,
            "Jobs are stored under this name. The default is made from the network card, which changes with each new container.",
        ),
        "SaveJobs": True,
        "HttpServerEnabled": True,
        "HttpPort": naming.PORTS[naming.ORTHANC],
        "RemoteAccessAllowed": Commented(
            True,
            "No port of this server is published: nginx reaches it over an internal network. The authorization plugin decides "
            "on each request; Orthanc's own authentication would refuse the users' tokens.",
        ),
        "AuthenticationEnabled": False,
        "SslEnabled": False,
        "HttpsVerifyPeers": True,
        "HttpVerbose": False,
        "ExecuteLuaEnabled": Commented(
            False,
            "Off: scripts from clients, files written on the server by request, WebDAV, and the old web page, which sends no token.",
        ),
        "RestApiWriteToFileSystemEnabled": False,
        "WebDavEnabled": False,
        "OrthancExplorerEnabled": False,
        "DeidentifyLogs": Commented(True, "Keep data of patients out of the log."),
        "LimitFindResults": Commented(
            MAX_FIND_RESULTS,
            "The longest answers to C-FIND and /tools/find. They are above the series of any study and the instances of any "
            "series, because a shortened answer looks like a complete one.",
        ),
        "LimitFindInstances": MAX_FIND_INSTANCES,
        "OrthancPeersInDatabase": False,
        **performance_settings(deployment, deployment.memory.orthanc),
        **_transcoding(deployment),
    }
    if deployment.gathers_by_tags:
        settings["LuaScripts"] = Commented(
            [f"{LABELS_FOLDER}/{name}" for name in LABELS_SCRIPTS],
            "The scripts put labels on studies by their tags, and note in the metadata below which labels they have put.",
        )
        settings["UserMetadata"] = {MARK: MARK_NUMBER}
    return settings


def _transcoding(deployment: Deployment) -> dict[str, Any]:
    transcode = deployment.profile.archive.transcode
    if transcode is None:
        return {}
    return {
        "IngestTranscoding": Commented(
            _TRANSFER_SYNTAXES[transcode],
            "Compress arriving images without loss. Images that arrive compressed are stored as they are.",
        ),
        "IngestTranscodingOfCompressed": False,
    }


def _overwrite(deployment: Deployment) -> bool | str:
    """
    A word since Orthanc 1.13.0, a boolean before.

    `IfChanged` keeps an instance that arrives again unchanged: overwriting the only instance of a study deletes
    the study first, and its labels with it.
    """
    overwrite = deployment.profile.archive.overwrite
    if not deployment.release.has_component("orthanc", "1.13.0"):
        return overwrite
    return "IfChanged" if overwrite else "Never"
