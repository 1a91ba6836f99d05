"""
Settings of the guard that follow from a deployment, and the guard's rows of the permission table.

The rows stand first in `Authorization.Permissions`: the first row that fits decides, and rows that come after
can add but never tighten. They ask for a permission that only roles hold which see every study.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

Row = tuple[str, str, str]

MARKER = "api-view"
"""Held by every role that sees each study, and by no other. No row of the plugin's own table names it (0.6 to 0.11.4)."""

# What reveals studies whatever their labels: patients are above the level that is checked, and counts, changes and
# metrics are about the whole archive. Writing at patient level stays with its own permissions; the edge asks
# beforehand whether the caller sees every study.
_GLOBAL_READS = (
    "^/patients(|/.*)$",
    "^/(changes|exports|statistics)(|/)$",
    "^/tools/metrics-prometheus(|/)$",
)

# The plugin's own row (0.10.3 to 0.11.4) lets every role that may view read all worklists. They have no labels: the names of
# all patients who are expected, and the UIDs of their studies.
_WORKLISTS = ("get", "^/worklists(|/.*)$", "all|worklists")


# The plugin's own table lets anybody who may `view` have these too (0.6 to 0.11.4). Whole studies and series, and stored
# files, are for `download`; the single object by DICOMweb stays with `view`, because viewers show it.
_FILES = (
    "^/(patients|studies|series|instances)/([a-f0-9-]+)/(archive|media|numpy|file)(|/.*)$",
    "^/(patients|studies|series|instances)/([a-f0-9-]+)/attachments/([^/]+)/(data|compressed-data)(|/.*)$",
    f"^{naming.DICOMWEB_ROOT.rstrip('/')}/studies/([.0-9]+)(|/series/([.0-9]+))(|/)$",
)


# A report goes to the address of its study, where the plugin asks for the study's label. Who may save one is asked at the
# edge: no permission of the auth-service's list is left to say it (25.8 to 26.4.1). The slash at the end is written there,
# and by nobody else: it tells the reports that were judged.
_REPORT = ("post", f"^{naming.DICOMWEB_ROOT.rstrip('/')}/studies/([.0-9]+)/$", "all|upload|view")


def guard_row_groups(deployment: Deployment) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """
    The rows (method, pattern, permissions) that have to come first in `Authorization.Permissions`, in groups.

    Each group has the comment above it in orthanc.json.
    """
    reports = "nginx checks each report, and sends it to the address of its study with a slash at the end."
    files = "whole studies, whole series and stored files are for people who may download."
    worklists = "worklists carry no label, and name every patient who is expected."
    everything = f"these list studies whatever their labels. Only roles that see every study hold `{MARKER}`."
    return (
        *(((reports, (_REPORT,)),) if _judged_roles(deployment) else ()),
        # Before the marker's: the files of a patient take `download`, and the edge asks whether everything is seen.
        (files, tuple(("get", pattern, "all|download") for pattern in _FILES)),
        (worklists, (_WORKLISTS,)),
        (everything, tuple(("get", pattern, MARKER) for pattern in _GLOBAL_READS)),
    )


def reporters(deployment: Deployment) -> list[str]:
    """The roles that may save reports."""
    return [role.name for role in deployment.roles if role.reports]


def uploaders(deployment: Deployment) -> list[str]:
    """The roles that may upload, reports among other things."""
    return [role.name for role in deployment.roles if not {"upload", "all"}.isdisjoint(role.permissions)]


def judges_reports(deployment: Deployment) -> bool:
    """Whether somebody may save reports and nothing else: by a role, or by the link of a viewer."""
    return saves_by_link(deployment) or _judged_roles(deployment)


def saves_by_link(deployment: Deployment) -> bool:
    """Whether a viewer adds reports to its study by the link that it is opened with."""
    return any(viewer.saves_by_link for viewer in deployment.viewers)


def _judged_roles(deployment: Deployment) -> bool:
    return not set(reporters(deployment)) <= set(uploaders(deployment))


def with_marker(permissions: tuple[str, ...], labels: tuple[str, ...]) -> tuple[str, ...]:
    """The permissions of a role, with the marker where the role sees every study."""
    return (*permissions, MARKER) if "*" in labels and MARKER not in permissions else permissions


def token_headers(deployment: Deployment) -> tuple[str, ...]:
    """The headers in which the plugin looks for tokens, in lower case."""
    keys = (naming.API_KEY_HEADER,) if deployment.profile.identity.api_keys else ()
    return ("authorization", "token", *keys)


def token_clients(deployment: Deployment) -> tuple[str, ...] | None:
    """
    The Keycloak clients whose tokens are accepted; None: all, because no other application uses the realm.

    The auth-service (25.8 to 26.4.1) compares the audience `account`, which the tokens of any client can have, and not
    the client.
    """
    identity = deployment.profile.identity
    if identity.keycloak.manage == "everything":
        return None
    viewers = (viewer.client.id for viewer in deployment.viewers if viewer.client is not None)
    return (naming.ORTHANC_CLIENT, *viewers, *identity.keycloak.other_clients)


def longest_life(deployment: Deployment) -> dict[str, int]:
    """The kinds of links that can be made, and how many seconds each may live at most; 0: for ever."""
    sharing = deployment.profile.sharing
    lives = dict.fromkeys(("viewer-instant-link", "download-instant-link"), deployment.instant_link_seconds)
    if sharing is not None and deployment.share_type is not None:
        offered = [sharing.expires_after, *(sharing.choices or ())]
        lives[deployment.share_type] = (
            sharing.at_most if sharing.at_most is not None else 0 if 0 in offered else max(offered)
        )
    return lives
