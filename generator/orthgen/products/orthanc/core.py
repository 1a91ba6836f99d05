"""Orthanc's core: HTTP, storage, jobs, and the switches of the security FAQ that are not about DICOM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.products.orthanc.labels import LABELS_SCRIPT, MARK, MARK_NUMBER
from orthgen.products.orthanc.performance import performance_settings
from orthgen.products.orthanc.versions import has

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

# The security FAQ asks for a bound and suggests 100. It cuts the answers to C-FIND and /tools/find (not those to
# QIDO-RS; 1.13.0 with DICOMweb 1.24), and a workstation would then show part of a series as if it were all: so more
# than the series of any study, and more than the instances of any series.
MOST_RESULTS = 1000
MOST_INSTANCES = 20000


def core_settings(deployment: Deployment) -> dict[str, Any]:
    """The keys at the root of orthanc.json that are not about DICOM."""
    profile = deployment.profile
    settings: dict[str, Any] = {
        "Name": profile.institution.name,
        "StorageDirectory": deployment.release.image("orthanc").paths["storage"],
        # Nothing is ever thrown away to make room; where somebody sets a bound, what is too much is refused.
        "MaximumStorageSize": 0,
        "MaximumPatientCount": 0,
        "MaximumStorageMode": "Reject",
        "OverwriteInstances": _overwrite(deployment),
        "StableAge": profile.archive.stable_after,
        # Jobs are kept in the database under this name; the default is made from the network card, which is
        # another one for each new container.
        "DatabaseServerIdentifier": naming.SERVER_ID,
        "SaveJobs": True,
        "HttpServerEnabled": True,
        "HttpPort": naming.PORTS[naming.ORTHANC],
        # The authorization plugin decides on every request; Basic authentication beside it would refuse every
        # token. Remote means: from the proxy on the internal network, the only one that reaches Orthanc.
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": False,
        "SslEnabled": False,
        "HttpsVerifyPeers": True,
        "HttpVerbose": False,
        "ExecuteLuaEnabled": False,
        "RestApiWriteToFileSystemEnabled": False,
        "WebDavEnabled": False,
        "OrthancExplorerEnabled": False,
        "DeidentifyLogs": True,
        "LimitFindResults": MOST_RESULTS,
        "LimitFindInstances": MOST_INSTANCES,
        "OrthancPeersInDatabase": False,
        **performance_settings(deployment),
    }
    if deployment.gathers_by_tags:
        settings["LuaScripts"] = [LABELS_SCRIPT]
        settings["UserMetadata"] = {MARK: MARK_NUMBER}
    return settings


def _overwrite(deployment: Deployment) -> bool | str:
    """
    A word since Orthanc 1.13.0, a boolean before.

    `IfChanged` keeps an instance that arrives again unchanged: overwriting the only instance of a study deletes
    the study first, and its labels with it.
    """
    overwrite = deployment.profile.archive.overwrite
    if not has(deployment, "orthanc", "1.13.0"):
        return overwrite
    return "IfChanged" if overwrite else "Never"
