"""
Public paths of Orthanc: first segments, tools, and paths that take large bodies.

Everything else that Orthanc serves answers 404 before it reaches Orthanc: the legacy explorer (`/app/`), WebDAV,
`/tools/execute-script`, `/tools/reset`, `/tools/shutdown`, files written by the server itself
(`/instances/*/export`). The authorization plugin refuses most of them as well; this is the outer wall.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.deployment import naming

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthgen.deployment.model import Deployment

# The first segments of the plugin's default permission tables (authorization 0.10.1 to 0.11.4) but `stl`,
# which its viewer adds, and of Orthanc Explorer 2's own pages (1.9.0 to 1.14.1).
# Each with the comment that stands beside it in public-paths.conf. All names are in lower case (public-paths.conf).
FOLDERS = {
    "auth": "links, and the settings of the authorization plugin",
    "changes": "what has arrived; only for roles that see every study",
    naming.DICOMWEB_ROOT.strip("/"): "DICOMweb",
    "instances": "Orthanc's resources",
    "jobs": "long tasks and how far they are",
    "modalities": "DICOM peers: find there, fetch from there, send there",
    "patients": "Orthanc's resources; only for roles that see every study",
    "peers": "other Orthancs: send there",
    "plugins": "which plugins are loaded; the web application asks",
    "queries": "results of a search at a DICOM peer",
    "series": "Orthanc's resources",
    "statistics": "totals of the archive",
    "studies": "Orthanc's resources",
    "system": "name and version; the web application asks",
    naming.EXPLORER_ROOT.strip("/"): "Orthanc Explorer 2, the web application",
    "worklists": "modality worklists",
}

# Of /tools/ (Orthanc 1.12.9 to 1.13.0): not execute-script, reset, shutdown, metrics, invalidate-tags and reconstruct,
# which change the server and not a study, nor default-encoding and the accepted syntaxes, which can be set.
TOOLS = {
    "bulk-anonymize": "anonymize many resources",
    "bulk-content": "describe many resources",
    "bulk-delete": "delete many resources",
    "bulk-modify": "modify many resources",
    "count-resources": "count the results of a search",
    "create-archive": "download many resources as ZIP",
    "create-dicom": "make a DICOM object",
    "create-media": "download many resources with a DICOMDIR",
    "create-media-extended": "the same with more tags in the DICOMDIR",
    "dicom-conformance": "the DICOM conformance statement",
    "find": "search",
    "generate-uid": "make a DICOM UID",
    "labels": "every label in use",
    "log-level": "how much Orthanc logs",
    "lookup": "find resources by a DICOM identifier",
    "metrics-prometheus": "metrics; only for roles that see every study",
    "now": "the time of the server (UTC)",
    "now-local": "the time of the server",
}

# Paths whose bodies are studies: C-STORE's web cousins.
_UPLOADS = (
    "instances",
    "dicom-web/studies(?:/[0-9.]+)?",
)

# Paths at which Orthanc makes objects of a description in JSON.
_CREATIONS = ("tools/create-dicom", "stl/encode-(?:nifti|rtstruct)")

_RESOURCES = "patients|studies|series|instances"

# The paths of plugins, without their state, which Orthanc Explorer 2 shows: PostgreSQL's plugin (9.0 to 10.3) has the audit log
# there, and the authorization plugin gives all of `/plugins/` to everybody who may view.
_OF_PLUGINS = "plugins/[^/]+/(?!status/?$)[^/]"


def _below(deployment: Deployment) -> str:
    """The beginning of the regular expression of a path below Orthanc's root."""
    return f"^{re.escape(deployment.addresses.orthanc_path)}"


def public_names(deployment: Deployment) -> dict[str, str]:
    """Orthanc's public paths by first segment or as `tools/NAME`, each with its comment; viewers included."""
    viewers = {folder: f"viewer: {viewer.name}" for viewer in deployment.viewers for folder in viewer.folders}
    return {**FOLDERS, **viewers, **{f"tools/{name}": comment for name, comment in TOOLS.items()}}


def public_pattern(deployment: Deployment) -> str:
    """The public paths as one regular expression, for the model of the guard."""
    names = public_names(deployment)
    tools = [name for name in names if name.startswith("tools/")]
    folders = [name for name in names if not name.startswith("tools/")]
    return f"{_below(deployment)}(?!{_OF_PLUGINS})(?:(?:{'|'.join(folders)})(?:/|$)|(?:{'|'.join(tools)})/?$)"


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


def plugin_pattern(deployment: Deployment) -> str:
    """The regular expression of the paths of plugins that are not public: all but their state."""
    return f"{_below(deployment)}{_OF_PLUGINS}"


def link_pattern(deployment: Deployment) -> str:
    """The regular expression of the paths where links are made; `link_type` captures which kind."""
    return f"{_below(deployment)}auth/tokens/(?<link_type>.*)$"


def statistics_pattern(deployment: Deployment) -> str:
    """The regular expression of the archive's totals."""
    return f"{_below(deployment)}statistics/?$"


def study_list_pattern(deployment: Deployment) -> str:
    """The regular expression of DICOMweb's list of studies, without its beginning."""
    return f"{re.escape(deployment.addresses.orthanc_path)}{naming.DICOMWEB_ROOT.strip('/')}/studies/?$"


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


# Archives of many resources.
_SELECTIONS = "tools/create-(?:archive|media|media-extended)"

# Requests whose body lists the resources that they are about.
_LISTING = {
    "(?:modalities|peers)/[^/]+/store/?$": "Send studies to a DICOM peer or to another Orthanc.",
    "dicom-web/servers/[^/]+/stow/?$": "Send studies to a DICOMweb server.",
    f"(?:{_RESOURCES})/[^/]+/merge/?$": "Merge studies or series into one.",
    "tools/bulk-(?:anonymize|delete|modify)/?$": "Change or delete many resources at once.",
}


def listing_patterns(deployment: Deployment) -> dict[str, str]:
    """The regular expressions of the paths whose body lists resources, each with its comment."""
    return _patterns(deployment, _LISTING)


def listing_pattern(deployment: Deployment) -> str:
    """The same as one regular expression, for the model of the guard."""
    return _any_of(deployment, _LISTING)


def selection_pattern(deployment: Deployment) -> str:
    """The regular expression of archives of many resources, which an argument of the address lists."""
    return f"{_below(deployment)}{_SELECTIONS}/?$"


def _patterns(deployment: Deployment, table: Mapping[str, str]) -> dict[str, str]:
    return {f"{_below(deployment)}{pattern}": comment for pattern, comment in table.items()}


def _any_of(deployment: Deployment, patterns: Iterable[str]) -> str:
    return f"{_below(deployment)}(?:{'|'.join(patterns)})"


def remote_pattern(deployment: Deployment) -> str:
    """The regular expression of searches at other archives, and of what has their studies sent."""
    patterns = (
        "modalities/[^/]+/(?:query|move)",
        "queries/[^/]+/answers/[0-9]+/retrieve",
        f"{naming.DICOMWEB_ROOT.strip('/')}/servers/[^/]+/(?:qido|retrieve)",
    )
    return f"{_below(deployment)}(?:{'|'.join(patterns)})/?$"


def job_pattern(deployment: Deployment) -> str:
    """The regular expression of one job."""
    return f"{_below(deployment)}jobs/[0-9a-f-]+/?$"


# What reveals studies whatever their labels (see `deployment.guard_settings`).
_WHOLE_ARCHIVE = {
    "(?:changes|patients)(?:/|$)": "What has arrived, and all patients.",
    f"(?:{_RESOURCES})/[^/]+/patient(?:/|$)": "The patient of a study: its description lists all of the patient's studies.",
    "(?:modalities|peers)/[^/]+/store-straight/?$": "Objects that go to another archive in Orthanc's name without being stored: "
    "the sender can put them into any study.",
    "tools/metrics-prometheus/?$": "Metrics count every study.",
}


def whole_archive_patterns(deployment: Deployment) -> dict[str, str]:
    """The regular expressions of what reveals every study, each with its comment."""
    return _patterns(deployment, _WHOLE_ARCHIVE)


def whole_archive_pattern(deployment: Deployment) -> str:
    """The same as one regular expression, for the model of the guard."""
    return _any_of(deployment, _WHOLE_ARCHIVE)


# What hands out whole studies or series, or stored files.
_FILES = {
    f"(?:{_RESOURCES})/[^/]+/(?:archive|media|numpy|file)(?:/|$)": "Archives, and the file of an instance.",
    f"(?:{_RESOURCES})/[^/]+/attachments/[^/]+/(?:data|compressed-data)(?:/|$)": "Stored files.",
    f"{_SELECTIONS}/?$": "Archives of many resources.",
    "dicom-web/studies/[^/]+(?:/series/[^/]+)?/?$": "Whole studies and series by DICOMweb.",
}


def files_patterns(deployment: Deployment) -> dict[str, str]:
    """The regular expressions of the paths that hand out files, each with its comment."""
    return _patterns(deployment, _FILES)


def files_pattern(deployment: Deployment) -> str:
    """The same as one regular expression, for the model of the guard."""
    return _any_of(deployment, _FILES)


def tokenless_pattern(deployment: Deployment) -> str | None:
    """The regular expression of the paths that a viewer's page asks for without the token of its own address."""
    tokenless_paths = [path for viewer in deployment.viewers for path in viewer.tokenless]
    if not tokenless_paths:
        return None
    return f"{_below(deployment)}(?:{'|'.join(tokenless_paths)})"


# What viewers ask for by the thousand.
_IMAGES = (
    f"{naming.DICOMWEB_ROOT.strip('/')}/studies/[0-9.]+/series/[0-9.]+/",
    "instances/[0-9a-f-]+/(?:preview|rendered|frames/)",
)


def image_pattern(deployment: Deployment) -> str:
    """The regular expression of images that are public with every viewer."""
    return _any_of(deployment, _IMAGES)


def pages_pattern(deployment: Deployment) -> str:
    """The regular expression of pages, which are files and the same for everybody."""
    folders = (re.escape(folder.strip("/")) for folder in page_folders(deployment))
    return f"{_below(deployment)}(?:{'|'.join(folders)})/"


def page_folders(deployment: Deployment) -> list[str]:
    """The folders of pages that Orthanc serves: Orthanc Explorer 2's, and those of viewers."""
    folders = [naming.EXPLORER_ROOT]
    for viewer in deployment.viewers:
        # Of a viewer that serves data beside its pages, the pages' folders are known.
        folders += viewer.unchecked_folders or viewer.folders
    return folders


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
