"""The Authorization section: who is asked about every request, and the whole table of permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.authz.plugin_releases import default_rows
from orthgen.deployment import naming
from orthgen.deployment.guard_settings import guard_rows

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

# The web application is always there.
EXPLORER_CONFIGURATION = "orthanc-explorer-2"

# Orthanc Explorer 2's pages begin by asking for this; who hands studies in through the inbox may do no more.
_SYSTEM = "^/system$"


def authorization_section(deployment: Deployment) -> dict[str, Any]:
    """The plugin's section. The password at the auth-service is a secret of the container, never here."""
    profile = deployment.profile
    return {
        # All of the auth-service's paths follow from it; the single WebService…Url keys would be ignored.
        "WebServiceRootUrl": f"http://{naming.AUTH_SERVICE}:{naming.PORTS[naming.AUTH_SERVICE]}/",
        "WebServiceUsername": naming.AUTH_SERVICE_USER,
        "WebServiceIdentifier": naming.SERVER_ID,
        # Labels are put on studies and links are made for studies: any other level would break one of them.
        "CheckedLevel": "studies",
        "StandardConfigurations": standard_configurations(deployment),
        "TokenHttpHeaders": [naming.API_KEY_HEADER] if profile.identity.api_keys else [],
        "TokenGetArguments": [],
        "UncheckedResources": [],
        "UncheckedFolders": unchecked_folders(deployment),
        "EnableAuditLogs": profile.archive.audit_log,
        "Permissions": permissions(deployment),
    }


def standard_configurations(deployment: Deployment) -> list[str]:
    """Orthanc Explorer 2 and what the viewers need, each once."""
    names = [EXPLORER_CONFIGURATION]
    for viewer in deployment.viewers:
        names.extend(viewer.standard_configurations)
    return list(dict.fromkeys(names))


def unchecked_folders(deployment: Deployment) -> list[str]:
    """The folders of viewers' programs, where no standard configuration of the plugin opens just them."""
    return list(dict.fromkeys(folder for viewer in deployment.viewers for folder in viewer.unchecked_folders))


def permissions(deployment: Deployment) -> list[list[str]]:
    """The table, written out: a list that is given replaces the plugin's own, and the first row that fits decides."""
    guarded = [list(row) for row in guard_rows(deployment)]
    return guarded + [
        [method, pattern, _with_upload(needed)]
        if pattern == _SYSTEM and deployment.profile.inbox is not None
        else [method, pattern, needed]
        for method, pattern, needed in default_rows(deployment.release.components["authorization"])
    ]


def _with_upload(needed: str) -> str:
    return f"{needed}|upload"
