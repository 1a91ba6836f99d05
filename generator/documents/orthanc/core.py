"""Orthanc's core: HTTP, storage, jobs, and the switches of the security FAQ that are not about DICOM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.deployment import naming
from generator.documents.orthanc.versions import component

if TYPE_CHECKING:
    from generator.deployment.model import Deployment

# Where the container finds the Lua script, whose folder is mounted read-only.
LABELS_SCRIPT = "/etc/orthanc/lua/labels.lua"

# The bound that the security FAQ suggests for C-FIND; without it a query for everything reads everything.
MOST_ANSWERS = 100


def core_settings(deployment: Deployment) -> dict[str, Any]:
    """The keys at the root of orthanc.json that are not about DICOM."""
    profile = deployment.profile
    settings: dict[str, Any] = {
        "Name": profile.institution.name,
        "StorageDirectory": "/var/lib/orthanc/db",
        # Nothing is ever thrown away to make room: an archive that is full has to say so.
        "MaximumStorageSize": 0,
        "MaximumPatientCount": 0,
        "OverwriteInstances": _overwrite(deployment),
        "StableAge": profile.archive.stable_after,
        # Jobs are kept in the database under this name; the default is made from the host name, which is
        # another one for each new container.
        "DatabaseServerIdentifier": naming.SERVER_ID,
        "ConcurrentJobs": 2,
        "SaveJobs": True,
        "HttpPort": naming.PORTS[naming.ORTHANC],
        "HttpThreadsCount": 50,
        # The authorization plugin answers for every request; Basic authentication beside it would refuse every
        # token. Remote means: from the reverse proxy on the internal network, the only one that reaches Orthanc.
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": False,
        "SslEnabled": False,
        "HttpsVerifyPeers": True,
        "ExecuteLuaEnabled": False,
        "RestApiWriteToFileSystemEnabled": False,
        "WebDavEnabled": False,
        "OrthancExplorerEnabled": False,
        "DeidentifyLogs": True,
        "LimitFindResults": MOST_ANSWERS,
        "LimitFindInstances": MOST_ANSWERS,
    }
    if deployment.gathers_by_tags:
        settings["LuaScripts"] = [LABELS_SCRIPT]
    return settings


def _overwrite(deployment: Deployment) -> bool | str:
    """A word since Orthanc 1.13.0; a boolean before."""
    overwrite = deployment.profile.archive.overwrite
    if component(deployment, "orthanc") < (1, 13):
        return overwrite
    return "Always" if overwrite else "Never"
