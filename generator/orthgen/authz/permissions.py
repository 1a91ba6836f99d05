"""
The auth-service's permissions, and the plugin's table of the permissions that each request needs.

A row of the table is a method, a pattern and the permissions any one of which suffices. The first row that
fits decides. Knows nothing of users and labels.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from orthgen.authz.plugin_releases import default_rows, version

SINGLE_RESOURCE_PATTERNS = "SINGLE_RESOURCE_PATTERNS"
DICOM_WEB_ROOT = "DICOM_WEB_ROOT"
DEFAULT_DICOM_WEB_ROOT = "/dicom-web/"


class Permission(StrEnum):
    """The closed list of the auth-service (25.8 and later); it does not start on any other word."""

    ALL = "all"
    VIEW = "view"
    DOWNLOAD = "download"
    DELETE = "delete"
    SEND = "send"
    MODIFY = "modify"
    ANONYMIZE = "anonymize"
    UPLOAD = "upload"
    Q_R_REMOTE_MODALITIES = "q-r-remote-modalities"
    SETTINGS = "settings"
    API_VIEW = "api-view"
    EDIT_LABELS = "edit-labels"
    ADMIN_PERMISSIONS = "admin-permissions"
    AUDIT_LOGS = "audit-logs"
    WORKLISTS = "worklists"
    SHARE = "share"


class RowOrigin(StrEnum):
    """The origin of a row: the plugin's default table, or one of the two keys of the `Authorization` section."""

    DEFAULT = "the default table"
    PERMISSIONS = "Permissions"
    EXTRA_PERMISSIONS = "ExtraPermissions"


class PermissionRow(Struct, frozen=True):
    """
    A row as the plugin uses it: the method in lower case, placeholders of the pattern replaced.

    `permissions` is empty where the row needs no permission. `index` is the position in the list that
    `origin` names; the nine rows of one SINGLE_RESOURCE_PATTERNS share theirs.
    """

    method: str
    pattern: str
    permissions: tuple[str, ...]
    origin: RowOrigin
    index: int

    @property
    def place(self) -> str:
        """The row's place in its list, counted from 1 as people count: `entry 18 of Permissions`."""
        return f"entry {self.index + 1} of {self.origin}"


def default_table(release: str, dicom_web_root: str = DEFAULT_DICOM_WEB_ROOT) -> tuple[PermissionRow, ...]:
    """
    The default `Permissions` of a release, placeholders replaced as the plugin replaces them.

    Raises `UnknownRelease`.
    """
    return tuple(
        row
        for index, (method, pattern, permissions) in enumerate(default_rows(release))
        for row in expand(
            method, pattern, permissions, release=release, dicom_web_root=dicom_web_root, index=index
        )
    )


def expand(  # noqa: PLR0913 - a row is three words, and where it stands
    method: str,
    pattern: str,
    permissions: str,
    *,
    release: str,
    dicom_web_root: str = DEFAULT_DICOM_WEB_ROOT,
    origin: RowOrigin = RowOrigin.DEFAULT,
    index: int = 0,
) -> list[PermissionRow]:
    """The rows that one written row stands for: nine for SINGLE_RESOURCE_PATTERNS (0.7.0), else one."""
    patterns = [pattern]
    # The plugin compares the whole word; SINGLE_RESOURCE_PATTERNS inside a longer pattern means nothing.
    if pattern == SINGLE_RESOURCE_PATTERNS and version(release) >= (0, 7, 0):
        patterns = list(single_resource_patterns(release, dicom_web_root))
    root = _without_outer_slashes(dicom_web_root)
    needed = tuple(dict.fromkeys(permissions.split("|"))) if permissions else ()
    return [
        # Only the first DICOM_WEB_ROOT of a pattern is replaced.
        PermissionRow(method.lower(), written.replace(DICOM_WEB_ROOT, root, 1), needed, origin, index)
        for written in patterns
    ]


def single_resource_patterns(release: str, dicom_web_root: str) -> tuple[str, ...]:
    """
    The nine patterns of paths that name one resource, in the plugin's order.

    `/instances` below a study since 0.7.1; `/rendered` of a study and every `/thumbnail` since 0.9.2.
    """
    root = dicom_web_root.rstrip("/")
    release_numbers = version(release)
    study = "|/series|/metadata"
    study += "|/instances" if release_numbers >= (0, 7, 1) else ""
    study += "|/rendered|/thumbnail" if release_numbers >= (0, 9, 2) else ""
    thumbnail = "|/thumbnail" if release_numbers >= (0, 9, 2) else ""
    instance = f"|/|/frames/.*|/rendered{thumbnail}|/metadata|/bulk/.*"
    return (
        "^/(patients|studies|series|instances)/([a-f0-9-]+)(|/.*)$",
        "^/(web-viewer/series|web-viewer/is-stable-series|wsi/pyramids|wsi/tiles)/([a-f0-9-]+)(|/.*)$",
        "^/web-viewer/instances/[a-z0-9]+-([a-f0-9-]+)_[0-9]+$",
        "^/osimis-viewer/series/([a-f0-9-]+)(|/.*)$",
        "^/osimis-viewer/(images|custom-command)/([a-f0-9-]+)(|/.*)$",
        "^/osimis-viewer/studies/([a-f0-9-]+)(|/.*)$",
        f"^{root}/studies/([.0-9]+)({study})(|/)$",
        f"^{root}/studies/([.0-9]+)/series/([.0-9]+)(|/instances|/rendered{thumbnail}|/metadata)(|/)$",
        f"^{root}/studies/([.0-9]+)/series/([.0-9]+)/instances/([.0-9]+)({instance})(|/)$",
    )


def _without_outer_slashes(root: str) -> str:
    """The path without one leading and one trailing slash, as the plugin strips them (a lone slash stays)."""
    if len(root) > 1 and root[0] == "/":
        root = root[1:]
    if len(root) > 1 and root[-1] == "/":
        root = root[:-1]
    return root
