"""
What people do, in their words, and the requests that it takes: every one of them has to be granted.

Read off Orthanc Explorer 2 (1.9 to 1.14), OHIF (3.11 to 3.13, DICOMweb data source) and the plugin's own routes.
`{...}` stand for one study: `study`, `series`, `instance`, `patient` are Orthanc ids, `uid`, `series_uid`,
`instance_uid` DICOM UIDs; `share` is the kind of share link that the deployment makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Step(Struct, frozen=True):
    """One request of an action; `body` where the answer depends on it."""

    method: str
    target: str
    body: Mapping[str, Any] | None = None


class Action(Struct, frozen=True):
    """
    One thing that people do.

    `steps` are the requests of somebody who is signed in (or of nobody); `by_link` those of whoever opened a
    link. `per_study` is whether the requests name a study, so that labels can tell one from another.
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    by_link: tuple[Step, ...]
    per_study: bool = True


_DICOM_WEB = "/dicom-web/studies/{uid}"
_SERIES = _DICOM_WEB + "/series/{series_uid}"
_STUDY = {
    "Resources": [{"OrthancId": "{study}", "DicomUid": "{uid}", "Level": "study"}],
    "ValidityDuration": 3600,
}
_LISTED = {"Resources": ["{study}"]}
_JOB = "00000000-0000-0000-0000-000000000000"

# What a viewer asks for a study that it was opened with.
_VIEWER = (
    Step("GET", "/dicom-web/studies?StudyInstanceUID={uid}"),
    Step("GET", _DICOM_WEB + "/series"),
    Step("GET", _SERIES + "/metadata"),
    Step("GET", _SERIES + "/instances/{instance_uid}/frames/1"),
)


def _same(name: str, title: str, *steps: Step, per_study: bool = True) -> Action:
    return Action(name, title, steps, steps, per_study)


ACTIONS = (
    Action(
        "view",
        "find a study and look at it",
        (
            # Not the instances of a series, which Orthanc Explorer 2 lists on request: before 0.11.0 the plugin refuses
            # them to whoever is limited to labels, and viewers do without.
            Step("POST", "/tools/find", {"Level": "Study", "Query": {}}),
            Step("GET", "/studies/{study}"),
            *_VIEWER,
        ),
        _VIEWER,
    ),
    Action(
        "download",
        "download a study as a zip file",
        (Step("PUT", "/auth/tokens/download-instant-link", _STUDY), Step("GET", "/studies/{study}/archive")),
        (Step("GET", "/studies/{study}/archive"),),
    ),
    _same("share", "make a link for people without an account", Step("PUT", "/auth/tokens/{share}", _STUDY)),
    _same(
        "report",
        "save measurements and segmentations from OHIF",
        Step("GET", _SERIES + "/metadata"),
        Step("POST", "/dicom-web/studies"),
    ),
    _same("upload", "add studies", Step("POST", "/instances"), per_study=False),
    _same(
        "send",
        "send a study to another archive or modality",
        Step("GET", "/modalities"),
        Step("POST", "/modalities/{modality}/store", _LISTED),
        Step("GET", f"/jobs/{_JOB}"),
    ),
    _same("delete", "delete a study", Step("DELETE", "/studies/{study}")),
    _same(
        "modify",
        "change a study's tags",
        Step("POST", "/studies/{study}/modify"),
        Step("GET", f"/jobs/{_JOB}"),
    ),
    _same(
        "anonymize",
        "make an anonymous copy of a study",
        Step("POST", "/studies/{study}/anonymize"),
        Step("GET", f"/jobs/{_JOB}"),
    ),
    _same(
        "edit-labels",
        "put labels on a study and take them off",
        Step("GET", "/tools/labels"),
        Step("PUT", "/studies/{study}/labels/{label}"),
        Step("DELETE", "/studies/{study}/labels/{label}"),
    ),
    _same(
        "q-r-remote-modalities",
        "search other archives and fetch from them",
        Step("GET", "/modalities"),
        Step("POST", "/modalities/{modality}/query"),
        Step("GET", f"/queries/{_JOB}/answers"),
        Step("POST", "/modalities/{modality}/move"),
        per_study=False,
    ),
    _same(
        "worklists",
        "keep the worklists of modalities",
        Step("GET", "/worklists"),
        Step("POST", "/worklists/create"),
        Step("PUT", "/worklists/{worklist}"),
        Step("DELETE", "/worklists/{worklist}"),
        per_study=False,
    ),
    _same(
        "settings",
        "change what the server logs",
        Step("GET", "/tools/log-level"),
        Step("PUT", "/tools/log-level"),
        per_study=False,
    ),
    _same("audit-logs", "read who did what", Step("GET", "/auth/audit-logs"), per_study=False),
    _same(
        "administer",
        "change roles, modalities and jobs",
        Step("GET", "/auth/settings/roles"),
        Step("PUT", "/auth/settings/roles"),
        Step("GET", "/jobs"),
        Step("PUT", "/modalities/{modality}"),
        per_study=False,
    ),
)

ACTIONS_BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}


def filled(step: Step, names: Mapping[str, str]) -> Step:
    """The step with its placeholders replaced."""
    return Step(step.method, _filled_text(step.target, names), _filled_value(step.body, names))


def _filled_text(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _filled_value(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _filled_text(value, names)
    if isinstance(value, Mapping):
        return {key: _filled_value(item, names) for key, item in value.items()}
    return [_filled_value(item, names) for item in value] if isinstance(value, list) else value
