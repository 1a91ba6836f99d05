"""
Routes of the plugin's own request handlers.

DICOMweb's searches and retrievals ask Orthanc's tools/find inside, with the headers of the request but not its
GET arguments, and the plugin answers that route: so each of them becomes a `Find`. What the handlers then
decide is in `handling`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.authz.request_target import RequestTarget

if TYPE_CHECKING:
    from orthgen.authz.plugin_config import PluginConfiguration


class Handled(Enum):
    """The kinds of handlers that may refuse."""

    FIND = "find"
    LABELS = "labels"
    BULK = "bulk"
    AUDITED = "audited"
    MODIFIED = "modified"


class Handler(Struct, frozen=True):
    """
    A handler that a request reaches. `query` is the search that DICOMweb derives; None: the body.

    `inner` says that the search comes from DICOMweb, without the GET arguments of the request.
    """

    kind: Handled
    name: str
    query: Mapping[str, Any] | None = None
    inner: bool = False


_STUDY = r"/studies/([^/]*)"
_SERIES = _STUDY + r"/series/([^/]*)"
_INSTANCE = _SERIES + r"/instances/([^/]*)"
# What each GET of the DICOMweb plugin (1.24) searches for: level, then the UIDs of its path.
_RETRIEVALS = (
    (r"/studies", "Study", True),
    (r"/series", "Series", True),
    (r"/instances", "Instance", True),
    (_STUDY, "Study", False),
    (_STUDY + r"/metadata", "Study", False),
    (_STUDY + r"/series", "Series", True),
    (_STUDY + r"/instances", "Instance", True),
    (_STUDY + r"/(?:rendered|thumbnail)", "Instance", False),
    (_SERIES, "Series", False),
    (_SERIES + r"/metadata", "Series", False),
    (_SERIES + r"/instances", "Instance", True),
    (_SERIES + r"/(?:rendered|thumbnail)", "Instance", False),
    (_INSTANCE, "Instance", False),
    (_INSTANCE + r"/(?:metadata|rendered|thumbnail|bulk/.*|frames)", "Instance", False),
    (_INSTANCE + r"/frames/[^/]*(?:/rendered|/thumbnail)?", "Instance", False),
)
_KEYWORDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_STUDY_TAG = r"(?i:0020[,-]?000d)|StudyInstanceUID"
_MODIFIED = r"/(?:patients|studies|series)/[^/]*/(?:anonymize|modify)"
_AUDITED = (
    (("DELETE",), r"/(?:patients|studies|series)/[^/]*"),
    (("POST", "PUT", "DELETE"), r"/(?:patients|studies|series)/[^/]*/labels/[^/]*"),
)


def handler_for(configuration: PluginConfiguration, target: RequestTarget) -> Handler | None:
    """
    The handler that may refuse this request, if any.

    The plugin registers its handlers only where it asks for user profiles (0.6.1; before, always).
    """
    if not configuration.profiles and (configuration.release >= (0, 6, 1) or not configuration.links):
        return None
    path = target.path.rstrip("/") or "/"
    return _own(configuration, target.method, path) or _of_dicom_web(configuration, target, path)


def _own(configuration: PluginConfiguration, method: str, path: str) -> Handler | None:
    release = configuration.release
    if method == "POST" and (
        path == "/tools/find" or (path == "/tools/count-resources" and release >= (0, 8, 2))
    ):
        return Handler(Handled.FIND, path.removeprefix("/"))
    if method == "GET" and path == "/tools/labels":
        return Handler(Handled.LABELS, "tools/labels")
    if path in ("/tools/bulk-delete", "/tools/bulk-modify", "/tools/bulk-anonymize") and method == "POST":
        return Handler(Handled.BULK, path.removeprefix("/")) if release >= (0, 11, 0) else None
    if configuration.audit_logs and method in ("POST", "PUT") and re.fullmatch(_MODIFIED, path):
        return Handler(Handled.MODIFIED, "audit logs")
    if configuration.audit_logs and any(
        method in methods and re.fullmatch(pattern, path) for methods, pattern in _AUDITED
    ):
        return Handler(Handled.AUDITED, "audit logs")
    return None


def _of_dicom_web(configuration: PluginConfiguration, target: RequestTarget, path: str) -> Handler | None:
    web = configuration.dicom_web
    if target.method != "GET":
        return None
    if web.wado and path == web.wado:
        return _wado_uri(target)
    root = web.root.rstrip("/")
    if not web.root or not path.startswith(root + "/"):
        return None
    below = path[len(root) :]
    for pattern, level, search in _RETRIEVALS:
        match = re.fullmatch(pattern, below)
        if match is not None:
            query = _arguments(target) if search else {}
            if query is None:
                return None
            query.update(zip(_KEYWORDS, match.groups(), strict=False))
            return Handler(Handled.FIND, "tools/find", {"Level": level, "Query": query}, inner=True)
    return None


def _arguments(target: RequestTarget) -> dict[str, str] | None:
    """The study that a search asks for; None where DICOMweb answers 400 before it searches."""
    query: dict[str, str] = {}
    for key, value in target.arguments:
        if key in ("limit", "offset") and not value.isdecimal():
            return None
        if key == "fuzzymatching" and value not in ("true", "false"):
            return None
        if re.fullmatch(_STUDY_TAG, key):
            query["StudyInstanceUID"] = value.replace("\\", "").replace(",", "\\")
    return query


def _wado_uri(target: RequestTarget) -> Handler | None:
    if target.argument("requestType") != "WADO" or not target.argument("objectUID"):
        return None
    study = target.argument("studyUID")
    query = {"StudyInstanceUID": study} if study else {}
    return Handler(Handled.FIND, "tools/find", {"Level": "Instance", "Query": query}, inner=True)
