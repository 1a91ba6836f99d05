"""
Which paths of Orthanc are public: the first segments, the tools, the places that take large bodies.

Everything else that Orthanc serves answers 404 before it reaches Orthanc: the legacy explorer (`/app/`), WebDAV,
`/tools/execute-script`, `/tools/reset`, `/tools/shutdown`, files written by the server itself
(`/instances/*/export`). The authorization plugin refuses most of them as well; this is the outer wall.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.deployment import naming

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

# The first segments of the plugin's default permission tables (authorization 0.10.1 to 0.11.4) but `stl`,
# which its viewer adds, and of Orthanc Explorer 2's own pages (1.9.0 to 1.14.1).
FOLDERS = (
    "auth",
    "changes",
    naming.DICOMWEB_ROOT.strip("/"),
    "instances",
    "jobs",
    "modalities",
    "patients",
    "peers",
    "plugins",
    "queries",
    "series",
    "statistics",
    "studies",
    "system",
    naming.EXPLORER_ROOT.strip("/"),
    "worklists",
)

# Of /tools/ (Orthanc 1.12.9 to 1.13.0): not execute-script, reset, shutdown, metrics, invalidate-tags and reconstruct,
# which change the server and not a study, nor default-encoding and the accepted syntaxes, which can be set.
TOOLS = (
    "bulk-anonymize",
    "bulk-content",
    "bulk-delete",
    "bulk-modify",
    "count-resources",
    "create-archive",
    "create-dicom",
    "create-media",
    "create-media-extended",
    "dicom-conformance",
    "find",
    "generate-uid",
    "labels",
    "log-level",
    "lookup",
    "metrics-prometheus",
    "now",
    "now-local",
)

# Paths whose bodies are studies: C-STORE's web cousins.
_UPLOADS = (
    "instances",
    "dicom-web/studies(?:/[0-9.]+)?",
)

# Paths at which Orthanc makes objects of a description in JSON.
_CREATIONS = ("tools/create-dicom", "stl/encode-(?:nifti|rtstruct)")

_RESOURCES = "patients|studies|series|instances"


def _below(deployment: Deployment) -> str:
    """How the regular expression of a path below Orthanc's begins."""
    return f"^{re.escape(deployment.addresses.orthanc_path)}"


def public_pattern(deployment: Deployment) -> str:
    """The regular expression of Orthanc's public paths, viewers that Orthanc serves included."""
    folders = [*FOLDERS, *(folder for viewer in deployment.viewers for folder in viewer.folders)]
    return f"{_below(deployment)}(?:(?:{'|'.join(folders)})(?:/|$)|tools/(?:{'|'.join(TOOLS)})/?$)"


def upload_pattern(deployment: Deployment) -> str:
    """The regular expression of the paths that take bodies of any size."""
    return f"{_below(deployment)}(?:{'|'.join(_UPLOADS)})/?$"


def stow_pattern(deployment: Deployment) -> str:
    """The regular expression of DICOMweb's own upload; `stow_study` captures the study that it names, if any."""
    root = naming.DICOMWEB_ROOT.strip("/")
    return f"{_below(deployment)}{root}/studies(?:/(?<stow_study>[0-9.]+))?/?$"


def export_pattern(deployment: Deployment) -> str:
    """The regular expression of the paths by which Orthanc writes files beside its storage."""
    return f"{_below(deployment)}(?:{_RESOURCES})/[^/]+/export(?:/|$)"


def link_pattern(deployment: Deployment) -> str:
    """The regular expression of the paths where links are made; `link_type` captures which kind."""
    return f"{_below(deployment)}auth/tokens/(?<link_type>.*)$"


def statistics_pattern(deployment: Deployment) -> str:
    """The regular expression of the archive's totals."""
    return f"{_below(deployment)}statistics/?$"


def modification_pattern(deployment: Deployment) -> str:
    """The regular expression of modifications whose results are stored: not of instances, which are answered."""
    return f"{_below(deployment)}(?:studies|series)/[^/]+/(?:modify|anonymize)/?$"


def creation_pattern(deployment: Deployment) -> str:
    """The regular expression of the paths at which objects are made."""
    return f"{_below(deployment)}(?:{'|'.join(_CREATIONS)})/?$"


def search_pattern(deployment: Deployment) -> str:
    """The regular expression of searches and counts."""
    return f"{_below(deployment)}tools/(?:find|count-resources)/?$"


def lookup_pattern(deployment: Deployment) -> str:
    """The regular expression of the lookup by DICOM identifiers."""
    return f"{_below(deployment)}tools/lookup/?$"


def decode_pattern(deployment: Deployment) -> str:
    """The regular expression of the path that tells what a link is."""
    return f"{_below(deployment)}auth/tokens/decode/?$"


# Requests whose body lists the resources that they are about.
_LISTING = (
    "(?:modalities|peers)/[^/]+/store",
    "dicom-web/servers/[^/]+/stow",
    f"(?:{_RESOURCES})/[^/]+/merge",
    "tools/bulk-(?:anonymize|delete|modify)",
)


def listing_pattern(deployment: Deployment) -> str:
    """The regular expression of the paths whose body lists resources."""
    return f"{_below(deployment)}(?:{'|'.join(_LISTING)})/?$"


def remote_pattern(deployment: Deployment) -> str:
    """The regular expression of searches at other archives, and of what has their studies sent."""
    found = (
        "modalities/[^/]+/(?:query|move)",
        "queries/[^/]+/answers/[0-9]+/retrieve",
        f"{naming.DICOMWEB_ROOT.strip('/')}/servers/[^/]+/(?:qido|retrieve)",
    )
    return f"{_below(deployment)}(?:{'|'.join(found)})/?$"


def job_pattern(deployment: Deployment) -> str:
    """The regular expression of one job."""
    return f"{_below(deployment)}jobs/[0-9a-f-]+/?$"


def whole_archive_pattern(deployment: Deployment) -> str:
    """The regular expression of what tells of studies whatever their labels (see `deployment.guard`)."""
    found = (
        "(?:changes|patients)(?:/|$)",
        # A patient's description lists all its studies.
        f"(?:{_RESOURCES})/[^/]+/patient(?:/|$)",
        # An object of the sender's own making would come to another archive in Orthanc's name, in a study of any UID.
        "(?:modalities|peers)/[^/]+/store-straight/?$",
        "tools/metrics-prometheus/?$",
    )
    return f"{_below(deployment)}(?:{'|'.join(found)})"


# What hands out whole studies or series, or stored files.
_FILES = (
    f"(?:{_RESOURCES})/[^/]+/(?:archive|media|numpy|file)(?:/|$)",
    f"(?:{_RESOURCES})/[^/]+/attachments/[^/]+/(?:data|compressed-data)(?:/|$)",
    "tools/create-(?:archive|media|media-extended)/?$",
    "dicom-web/studies/[^/]+(?:/series/[^/]+)?/?$",
)


def files_pattern(deployment: Deployment) -> str:
    """The regular expression of the paths that hand out files."""
    return f"{_below(deployment)}(?:{'|'.join(_FILES)})"


def tokenless_pattern(deployment: Deployment) -> str | None:
    """The regular expression of the paths that a viewer's page asks for without the token of its own address."""
    found = [path for viewer in deployment.viewers for path in viewer.tokenless]
    if not found:
        return None
    return f"{_below(deployment)}(?:{'|'.join(found)})"


def image_pattern(deployment: Deployment) -> str:
    """The regular expression of what viewers ask for by the thousand."""
    return (
        f"{_below(deployment)}(?:{naming.DICOMWEB_ROOT.strip('/')}/studies/[0-9.]+/series/[0-9.]+/"
        "|instances/[0-9a-f-]+/(?:preview|rendered|frames/)|wsi/tiles/)"
    )


def pages_pattern(deployment: Deployment) -> str:
    """The regular expression of pages, which are files and the same for everybody."""
    folders = [naming.EXPLORER_ROOT]
    for viewer in deployment.viewers:
        # Of a viewer that serves data beside its pages, the pages' folders are known.
        folders += viewer.unchecked_folders or viewer.folders
    return f"{_below(deployment)}(?:{'|'.join(re.escape(folder.strip('/')) for folder in folders)})/"


def page_pattern(deployment: Deployment) -> str:
    """The regular expression of the addresses of such pages, its only group the token."""
    folders = "|".join(
        re.escape(folder.strip("/"))
        for viewer in deployment.viewers
        if viewer.tokenless
        for folder in viewer.unchecked_folders
    )
    root = re.escape(deployment.origin.url + deployment.addresses.orthanc_path)
    return f"^{root}(?:{folders})/[^?#]*[?](?:[^#]*&)?token=([A-Za-z0-9._-]+)(?:&|$)"
