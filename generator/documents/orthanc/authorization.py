"""The Authorization section: who is asked about every request, and the whole table of permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.access.releases import default_rows
from generator.deployment import naming

if TYPE_CHECKING:
    from generator.deployment.model import Deployment

# The web application is always there.
EXPLORER_CONFIGURATION = "orthanc-explorer-2"


def authorization_section(deployment: Deployment) -> dict[str, Any]:
    """The plugin's section. The password of the auth-service is a secret of the container, never here."""
    profile = deployment.profile
    auth_service = f"http://{naming.AUTH_SERVICE}:{naming.PORTS[naming.AUTH_SERVICE]}/"
    section: dict[str, Any] = {
        "WebServiceRootUrl": auth_service,
        "WebServiceUsername": naming.AUTH_SERVICE_USER,
        "WebServiceIdentifier": naming.SERVER_ID,
        # Labels are put on studies, links are made for studies: every other level would break one of them.
        "CheckedLevel": "studies",
        "StandardConfigurations": standard_configurations(deployment),
        "TokenHttpHeaders": [naming.API_KEY_HEADER] if profile.identity.api_keys else [],
        "TokenGetArguments": [],
        "UncheckedResources": [],
        "UncheckedFolders": [],
        "EnableAuditLogs": profile.archive.audit_log,
        "Permissions": permissions(deployment),
    }
    return section


def standard_configurations(deployment: Deployment) -> list[str]:
    """Orthanc Explorer 2 and what the viewers need, each once."""
    names = [EXPLORER_CONFIGURATION]
    for viewer in deployment.viewers:
        names.extend(viewer.standard_configurations)
    return list(dict.fromkeys(names))


def permissions(deployment: Deployment) -> list[list[str]]:
    """The release's own table, written out: a list that is given replaces the plugin's whole."""
    return [list(row) for row in default_rows(deployment.release.components["authorization"])]
