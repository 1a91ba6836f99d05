"""
Actions of the profile's language: the requests that each takes, and those that are part of it.

Read off Orthanc Explorer 2 (1.9 to 1.14), OHIF (3.11 to 3.13, DICOMweb data source) and the plugin's own routes.
`{...}` stand for one study: `study`, `series`, `instance`, `patient` are Orthanc ids, `uid`, `series_uid`,
`instance_uid` DICOM UIDs; `share` is the kind of share link that the deployment makes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from orthgen.authz.report_uploads import CT_IMAGE, body_of


class Bearer(StrEnum):
    """The holder of the token that a request carries."""

    CALLER = "the caller's own token"
    LINK = "a link that the caller made"
    LINK_ELSEWHERE = "a link that the caller made, opened by somebody else"


class ActionRequest(Struct, frozen=True):
    """A request of an action; `body` where the decision depends on it."""

    method: str
    target: str
    body: Mapping[str, Any] | None = None
    bearer: Bearer = Bearer.CALLER

    def __hash__(self) -> int:
        # Without the body: a mapping has no hash.
        return hash((self.method, self.target))


class Action(Struct, frozen=True):
    """
    An action of people, such as viewing, with its requests.

    Somebody *can* do it for whom all of `steps` are granted: the requests of Orthanc Explorer 2 or a viewer (`by_link`
    where a link opened it). Somebody *cannot* do it for whom none of `requests` is granted: each of them alone is the
    action, or a part of it. `includes` names the actions that this one amounts to as well, and `included` says why.
    `per_study` is whether the requests name a study, so that labels can tell one from another.
    """

    name: str
    title: str
    steps: tuple[ActionRequest, ...]
    by_link: tuple[ActionRequest, ...]
    requests: tuple[ActionRequest, ...]
    per_study: bool = True
    includes: tuple[str, ...] = ()
    included: str = ""


_DICOM_WEB = "/dicom-web/studies/{uid}"
_SERIES = _DICOM_WEB + "/series/{series_uid}"
_INSTANCE = _SERIES + "/instances/{instance_uid}"
_STUDY = {
    "Resources": [{"OrthancId": "{study}", "DicomUid": "{uid}", "Level": "study"}],
    "ValidityDuration": 3600,
}
_REPORT, _IMAGE = body_of("{uid}"), body_of("{uid}", CT_IMAGE)
_LISTED = {"Resources": ["{study}"]}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_JOB = "00000000-0000-0000-0000-000000000000"
_RESOURCES = ("/studies/{study}", "/series/{series}", "/instances/{instance}")

# What a viewer asks for a study that it was opened with.
_VIEWER = (
    ActionRequest("GET", "/dicom-web/studies?StudyInstanceUID={uid}"),
    ActionRequest("GET", _DICOM_WEB + "/series"),
    ActionRequest("GET", _SERIES + "/metadata"),
    ActionRequest("GET", _INSTANCE + "/frames/1"),
)


def _each(method: str, *targets: str, body: Mapping[str, Any] | None = None) -> tuple[ActionRequest, ...]:
    return tuple(ActionRequest(method, target, body) for target in targets)


def _of_each_level(
    method: str, tail: str, body: Mapping[str, Any] | None = None
) -> tuple[ActionRequest, ...]:
    return _each(method, *(resource + tail for resource in _RESOURCES), body=body)


# Whole studies and series, and stored files; not the single object by DICOMweb, which OHIF (segmentations) and the Stone
# Web viewer (every image) fetch to show it.
_FILES = (
    *_each("GET", *(f"{folder}/{kind}" for folder in _RESOURCES[:2] for kind in ("archive", "media"))),
    *_each("GET", "/series/{series}/numpy", "/instances/{instance}/file"),
    *_each("GET", "/instances/{instance}/attachments/dicom/data"),
    *_each("GET", "/instances/{instance}/attachments/dicom/compressed-data"),
    *_each("GET", _DICOM_WEB, _SERIES),
    # Of one instance Orthanc answers with the changed file.
    *_each("POST", "/instances/{instance}/modify", "/instances/{instance}/anonymize", body={"Force": True}),
)

_VIEW = Action(
    "view",
    "find a study and look at it",
    steps=(
        # Not the instances of a series, which Orthanc Explorer 2 lists on request: before 0.11.0 the plugin refuses
        # them to anybody who is limited to labels, and viewers do without.
        ActionRequest("POST", "/tools/find", {"Level": "Study", "Query": {}}),
        ActionRequest("GET", "/studies/{study}"),
        *_VIEWER,
    ),
    by_link=_VIEWER,
    requests=(
        *_of_each_level("GET", ""),
        *_each("GET", "/studies/{study}/series", "/studies/{study}/instances", "/studies/{study}/labels"),
        *_each(
            "GET",
            "/studies/{study}/shared-tags",
            "/instances/{instance}/tags",
            "/instances/{instance}/header",
        ),
        *_each("GET", "/instances/{instance}/preview", "/instances/{instance}/frames/0/raw"),
        *_each("GET", "/instances/{instance}/content/0010-0010", "/instances/{instance}/pdf"),
        *_VIEWER,
        *_each("GET", _DICOM_WEB + "/metadata", _INSTANCE, _INSTANCE + "/rendered", _SERIES + "/thumbnail"),
        *_each(
            "GET", "/dicom-web/series?StudyInstanceUID={uid}", "/dicom-web/instances?StudyInstanceUID={uid}"
        ),
        ActionRequest("POST", "/tools/find", {"Level": "Series", "Query": {}, "ParentStudy": "{study}"}),
        ActionRequest(
            "POST", "/tools/count-resources", {"Level": "Instance", "Query": {"StudyInstanceUID": "{uid}"}}
        ),
        ActionRequest("GET", "/wsi/pyramids/{series}"),
    ),
    included="each image and its tags, one by one, as viewers fetch them: people can keep what their screen shows",
)
_DOWNLOAD = Action(
    "download",
    "receive studies and series as files: zip, DICOMDIR, single DICOM files, whole series by DICOMweb",
    steps=(
        ActionRequest("PUT", "/auth/tokens/download-instant-link", _STUDY),
        ActionRequest("GET", "/studies/{study}/archive"),
    ),
    by_link=(ActionRequest("GET", "/studies/{study}/archive"),),
    requests=(
        *_FILES,
        ActionRequest("GET", "/studies/{study}/archive", bearer=Bearer.LINK),
        ActionRequest("GET", "/tools/create-archive?resources={study}", bearer=Bearer.LINK),
    ),
    includes=("view",),
    included="the files contain everything that can be viewed",
)
_SHARE = Action(
    "share",
    "make a link that works for people without an account",
    steps=(ActionRequest("PUT", "/auth/tokens/{share}", _STUDY),),
    by_link=(ActionRequest("PUT", "/auth/tokens/{share}", _STUDY),),
    requests=(
        *_each(
            "PUT",
            *(f"/auth/tokens/{viewer}-viewer-publication" for viewer in ("stone", "ohif", "volview")),
            body=_STUDY,
        ),
        ActionRequest("GET", _DICOM_WEB + "/metadata", bearer=Bearer.LINK_ELSEWHERE),
        ActionRequest("GET", "/studies/{study}/archive", bearer=Bearer.LINK_ELSEWHERE),
    ),
)


def _same(  # noqa: PLR0913 - an action's fields
    name: str,
    title: str,
    *steps: ActionRequest,
    requests: tuple[ActionRequest, ...],
    per_study: bool = True,
    includes: tuple[str, ...] = (),
    included: str = "",
) -> Action:
    """An action that takes the same requests of everybody."""
    return Action(name, title, steps, steps, requests, per_study, includes, included)


ACTIONS = (
    _VIEW,
    _DOWNLOAD,
    _SHARE,
    _same(
        "report",
        "save reports into a study that one sees: measurements, key images, presentations, segmentations, structures",
        ActionRequest("GET", _SERIES + "/metadata"),
        ActionRequest("POST", "/dicom-web/studies", _REPORT),
        requests=_each("POST", "/dicom-web/studies", _DICOM_WEB, body=_REPORT),
    ),
    _same(
        "upload",
        "add objects to the archive",
        ActionRequest("POST", "/instances"),
        requests=_each(
            "POST",
            "/instances",
            "/dicom-web/studies",
            _DICOM_WEB,
            "/tools/create-dicom",
            "/stl/encode-rtstruct",
            "/stl/encode-nifti",
            body=_IMAGE,
        ),
        per_study=False,
        includes=("report",),
        included="reports are objects",
    ),
    _same(
        "send",
        "send a study to another archive or modality",
        ActionRequest("GET", "/modalities"),
        ActionRequest("POST", "/modalities/{modality}/store", _LISTED),
        ActionRequest("GET", f"/jobs/{_JOB}"),
        requests=(
            *_each("POST", "/modalities/{modality}/store", "/peers/{modality}/store", body=_LISTED),
            *_each("POST", "/modalities/{modality}/store-straight"),
            *_each("POST", "/dicom-web/servers/{modality}/stow", body=_LISTED),
            *_each("GET", "/dicom-web/servers/{modality}/stow"),
        ),
    ),
    _same(
        "delete",
        "delete a study, or a part of it",
        ActionRequest("DELETE", "/studies/{study}"),
        requests=(
            *_of_each_level("DELETE", ""),
            ActionRequest("POST", "/tools/bulk-delete", _LISTED),
            *_each(
                "POST", "/studies/{study}/anonymize", "/series/{series}/anonymize", body={"KeepSource": False}
            ),
            ActionRequest(
                "POST", "/tools/bulk-anonymize", {**_LISTED, "Level": "Study", "KeepSource": False}
            ),
        ),
    ),
    _same(
        "modify",
        "change a study's tags, in place or as a copy, and merge studies",
        ActionRequest("POST", "/studies/{study}/modify", {"Replace": {}}),
        ActionRequest("GET", f"/jobs/{_JOB}"),
        requests=(
            *_of_each_level("POST", "/modify", {"Replace": {}}),
            ActionRequest("POST", "/studies/{study}/merge", {"Resources": ["{series}"]}),
            ActionRequest("POST", "/tools/bulk-modify", {**_LISTED, "Level": "Study", "Replace": {}}),
            ActionRequest("POST", "/studies/{study}/anonymize", {"Keep": ["SOPInstanceUID"], "Force": True}),
            ActionRequest(
                "POST",
                "/tools/bulk-anonymize",
                {**_LISTED, "Level": "Study", "Keep": ["0008-0018"], "Force": True},
            ),
        ),
        includes=("upload", "delete", "anonymize", "edit-labels"),
        included="a changed copy can have any tags, no names and no labels; it can be stored beside the original, like "
        "an upload, or replace it",
    ),
    _same(
        "anonymize",
        "make an anonymous copy of a study",
        ActionRequest("POST", "/studies/{study}/anonymize", {"Replace": {}}),
        ActionRequest("GET", f"/jobs/{_JOB}"),
        requests=(
            *_of_each_level("POST", "/anonymize", {}),
            ActionRequest("POST", "/tools/bulk-anonymize", {**_LISTED, "Level": "Study"}),
        ),
        includes=("upload",),
        included="the copy can have any tags, and is stored like an upload",
    ),
    _same(
        "edit-labels",
        "put labels on a study and take them off",
        ActionRequest("GET", "/tools/labels"),
        ActionRequest("PUT", "/studies/{study}/labels/{label}"),
        ActionRequest("DELETE", "/studies/{study}/labels/{label}"),
        requests=(*_of_each_level("PUT", "/labels/{label}"), *_of_each_level("DELETE", "/labels/{label}")),
        included="a study can be removed from a collection, so that its people no longer see it, and be added to another "
        "collection",
    ),
    _same(
        "q-r-remote-modalities",
        "search other archives and fetch from them",
        ActionRequest("GET", "/modalities"),
        ActionRequest("POST", "/modalities/{modality}/query"),
        ActionRequest("GET", f"/queries/{_JOB}/answers"),
        ActionRequest("POST", "/modalities/{modality}/move"),
        requests=(
            *_each("POST", "/modalities/{modality}/query", "/modalities/{modality}/move"),
            *_each("GET", f"/queries/{_JOB}/answers", f"/queries/{_JOB}/answers/0/content"),
            *_each("POST", f"/queries/{_JOB}/answers/0/retrieve"),
            *_each("POST", "/dicom-web/servers/{modality}/qido", "/dicom-web/servers/{modality}/retrieve"),
        ),
        per_study=False,
        included="fetched studies are added to the archive, and the other archive can send them to third parties",
    ),
    _same(
        "worklists",
        "keep the worklists of modalities",
        ActionRequest("GET", "/worklists"),
        ActionRequest("POST", "/worklists/create"),
        ActionRequest("PUT", "/worklists/{worklist}"),
        ActionRequest("DELETE", "/worklists/{worklist}"),
        requests=(
            *_each("GET", "/worklists", "/worklists/{worklist}"),
            ActionRequest("POST", "/worklists/create"),
            ActionRequest("PUT", "/worklists/{worklist}"),
            ActionRequest("DELETE", "/worklists/{worklist}"),
        ),
        per_study=False,
    ),
    _same(
        "settings",
        "change what the server logs",
        ActionRequest("GET", "/tools/log-level"),
        ActionRequest("PUT", "/tools/log-level"),
        requests=(ActionRequest("GET", "/tools/log-level"), ActionRequest("PUT", "/tools/log-level")),
        per_study=False,
    ),
    _same(
        "audit-logs",
        "read who did what",
        ActionRequest("GET", "/auth/audit-logs"),
        requests=_each("GET", "/auth/audit-logs"),
        per_study=False,
    ),
    _same(
        "administer",
        "change roles, modalities and jobs",
        ActionRequest("GET", "/auth/settings/roles"),
        ActionRequest("PUT", "/auth/settings/roles"),
        ActionRequest("GET", "/jobs"),
        ActionRequest("PUT", "/modalities/{modality}"),
        requests=(
            *_each("GET", "/auth/settings/roles", "/auth/settings/permissions", "/jobs"),
            ActionRequest("PUT", "/auth/settings/roles"),
            ActionRequest("PUT", "/modalities/{modality}"),
            ActionRequest("DELETE", "/modalities/{modality}"),
            *_each("POST", f"/jobs/{_JOB}/cancel"),
            ActionRequest("DELETE", f"/jobs/{_JOB}"),
        ),
        per_study=False,
        included="anybody who changes roles can give themselves every right",
    ),
)

ACTIONS_BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}


def filled(step: ActionRequest, names: Mapping[str, str]) -> ActionRequest:
    """The step with its placeholders replaced."""
    return ActionRequest(
        step.method, _filled_text(step.target, names), _filled_value(step.body, names), step.bearer
    )


def _filled_text(text: str, names: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: names.get(match[1], match[0]), text)


def _filled_value(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _filled_text(value, names)
    if isinstance(value, dict):
        return {key: _filled_value(item, names) for key, item in value.items()}
    return [_filled_value(item, names) for item in value] if isinstance(value, list) else value
