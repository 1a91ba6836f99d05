"""The Authorization section: the auth-service's address, and the whole table of permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.authz.plugin_releases import default_rows
from orthgen.deployment import naming
from orthgen.deployment.guard_settings import guard_row_groups
from orthgen.formats.commented_json import Commented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.deployment.model import Deployment

# The web application is always there.
EXPLORER_CONFIGURATION = "orthanc-explorer-2"

# Orthanc Explorer 2's pages begin by asking for this; who hands studies in through the inbox may do no more.
_SYSTEM = "^/system$"


def authorization_section(deployment: Deployment) -> dict[str, Any]:
    """The plugin's section. The password at the auth-service is a secret of the container, never here."""
    profile = deployment.profile
    return {
        # The single WebService…Url keys would be ignored beside this one.
        "WebServiceRootUrl": Commented(
            f"http://{naming.AUTH_SERVICE}:{naming.PORTS[naming.AUTH_SERVICE]}/",
            "The auth-service. The image adds the password from a secret.",
        ),
        "WebServiceUsername": naming.AUTH_SERVICE_USER,
        "WebServiceIdentifier": naming.SERVER_ID,
        "CheckedLevel": Commented("studies", "Labels are put on studies, and links are made for studies."),
        "StandardConfigurations": standard_configurations(deployment),
        "TokenHttpHeaders": [naming.API_KEY_HEADER] if profile.identity.api_keys else [],
        "TokenGetArguments": [],
        "UncheckedResources": [],
        "UncheckedFolders": unchecked_folders(deployment),
        "EnableAuditLogs": profile.archive.audit_log,
        "Permissions": Commented(
            permissions(deployment),
            "Method, path, and the permissions of which one suffices. The first row that fits decides. This list replaces the "
            "plugin's own list.",
        ),
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


def permissions(deployment: Deployment) -> list[list[str] | Commented]:
    """The whole table, because a configured list replaces the plugin's own; the first matching row decides."""
    release = deployment.release.components["authorization"]
    groups: list[tuple[str, Sequence[Sequence[str]]]] = [
        *((f"Guard: {reason}", rows) for reason, rows in guard_row_groups(deployment)),
        (f"The default rows of the authorization plugin {release}.", default_rows(release)),
    ]
    rows: list[list[str] | Commented] = []
    for reason, group in groups:
        first, *following = (list(row) for row in group)
        rows += [Commented(first, reason), *following]
    return [_with_upload(row) for row in rows] if deployment.profile.inbox is not None else rows


def _with_upload(row: list[str] | Commented) -> list[str] | Commented:
    if isinstance(row, Commented) or row[1] != _SYSTEM:
        return row
    return Commented(
        [row[0], row[1], f"{row[2]}|upload"], "Also for people who may only upload: the inbox asks for it."
    )
