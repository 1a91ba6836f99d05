"""Scripts of the guard: the same for every profile, beside one small module of settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orthgen.authz.dicom_tags import IDENTIFIERS, PATIENT_TAGS, name_of
from orthgen.authz.request_bodies import SEARCH_MEMBERS
from orthgen.deployment import naming
from orthgen.deployment.guard_settings import (
    longest_life,
    reporters,
    saves_by_link,
    token_clients,
    token_headers,
    uploaders,
)
from orthgen.formats.templates import template_text
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.nginx.paths import tokenless_pattern

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

FOLDER = "nginx/njs"

# One module a topic; `guard` holds what nginx's configuration names.
MODULES = (
    "archives",
    "creations",
    "dicom",
    "files",
    "guard",
    "identifiers",
    "jobs",
    "json_values",
    "link_limits",
    "links",
    "lookups",
    "modifications",
    "multipart",
    "orthanc",
    "remotes",
    "report_uploads",
    "requests",
    "resource_lists",
    "response",
    "searches",
    "tags",
    "token_ages",
    "tokens",
)

# The first segment of the addresses by which nginx asks Orthanc for itself; from outside it answers 404. No service
# has such a path.
ASK = "/-/ask/"
SEES_EVERYTHING = "/-/sees-everything"
REPORT = "/-/report"
STUDY_LIST = "/-/study-list"

# Structured reports have kilobytes, segmentations megabytes. As many as fit into nginx's /tmp, which is in memory.
MAX_REPORT_SIZE = "32m"
_MAX_REPORTS = 32

# More resources than any selection in Orthanc Explorer 2, whose list shows some hundred.
_MAX_RESOURCES = 1000
# Of Orthanc's fifty threads (HttpThreadsCount), and a link of one study needs but one.
_MAX_CONCURRENT_REQUESTS = 8


def guard_scripts(deployment: Deployment) -> tuple[Artifact, ...]:
    """The modules that nginx loads."""
    start = header(deployment.source, "// ")
    modules = [
        Artifact(f"{FOLDER}/{name}.js", start + template_text(f"{FOLDER}/{name}.js")) for name in MODULES
    ]
    return (*modules, Artifact(f"{FOLDER}/settings.js", start + _settings_module(deployment)))


def _settings_module(deployment: Deployment) -> str:
    return f"export default {json.dumps(_settings(deployment), indent=4)};\n"


def _settings(deployment: Deployment) -> dict[str, Any]:
    """The settings of the scripts."""
    is_https = deployment.origin.scheme == "https"
    return {
        # In lower case: where the plugin looks for tokens.
        "tokenHeaders": token_headers(deployment),
        "programsHeader": naming.API_KEY_HEADER,
        # The clients whose tokens are accepted; null: all clients of the realm.
        "clients": token_clients(deployment),
        # By kind of link, in seconds; 0: for ever.
        "longestLife": longest_life(deployment),
        "mostResources": _MAX_RESOURCES,
        "atOnce": _MAX_CONCURRENT_REQUESTS,
        "ask": ASK,
        "searchMembers": SEARCH_MEMBERS,
        "ownTitles": _own_titles(deployment),
        # The cookie of a browser in which links were made. The prefix has browsers take it from this origin alone.
        "linkCookie": f"{'__Host-' if is_https else ''}orthanc-links",
        "isHttps": is_https,
        # Without sharing no link leaves the browser in which it was made.
        # The roles that may save reports, and those that the plugin lets upload.
        "reporters": reporters(deployment),
        "uploaders": uploaders(deployment),
        "savesByLink": saves_by_link(deployment),
        "mostReports": _MAX_REPORTS,
        "shares": deployment.share_type is not None,
        # A viewer's pages may carry a link in their own address (nginx.conf).
        "readsPageToken": tokenless_pattern(deployment) is not None,
        # By keyword in lower case, with what Orthanc calls the kind of resource.
        "identifiers": {
            keyword: {"tag": identifier.tag, "kind": identifier.level.value.capitalize()}
            for keyword, identifier in IDENTIFIERS.items()
        },
        "patientTags": (*PATIENT_TAGS, *_more_patient_tags(deployment)),
    }


def _more_patient_tags(deployment: Deployment) -> tuple[str, ...]:
    """The tags of patients that raw settings add to Orthanc's index."""
    extra = deployment.profile.archive.settings.get("ExtraMainDicomTags")
    names = extra.get("Patient", []) if isinstance(extra, dict) else []
    return tuple(name for text in names if (name := name_of(str(text))))


def _own_titles(deployment: Deployment) -> list[str]:
    """The AETs by which Orthanc can be the target of a C-MOVE: its own, and those that raw settings add."""
    archive = deployment.profile.archive
    peers = archive.settings.get("DicomModalities", {})
    titles = [peer.get("LocalAet") for peer in peers.values() if isinstance(peer, dict)]
    return list(
        dict.fromkeys([archive.aet, *(title for title in titles if isinstance(title, str) and title)])
    )
