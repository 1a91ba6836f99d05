"""
The requests that tell whether a running deployment gives the rights of a model: at least one for each action.

Those with a write method name a study or a modality that cannot exist, have a body that is not DICOM, or make a link of one
second to a study that the user sees.
"""

from __future__ import annotations

import json

from msgspec import Struct

from orthgen.probe.model import NO_STUDY, Caller, ProbeRequest

_NOWHERE = "modalities/orthgen-verify-nowhere"
_WITHOUT_STUDY = "of a study that cannot exist"
_LINK = json.dumps(
    {"Resources": [{"OrthancId": "{study}", "DicomUid": "{uid}", "Level": "study"}], "ValidityDuration": 1}
)
_UNKNOWN = json.dumps({"Resources": [NO_STUDY]})
_FIND = json.dumps({"Level": "Study", "Query": {}, "Limit": 1})


class ProbeQuestion(Struct, frozen=True):
    """A request whose answer shows whether the caller may do an action. `topic` is the action, or another part of the rights."""

    topic: str
    request: ProbeRequest
    is_page: bool = False
    """Whether the answer is a page; for another request a page comes from a server that answers every path."""
    may_be_missing: bool = False
    """Whether the request names a study that may not exist, so that a 404 tells nothing."""


def _each(topic: str, *requests: ProbeRequest) -> tuple[ProbeQuestion, ...]:
    return tuple(ProbeQuestion(topic, request) for request in requests)


def _actions(caller: Caller) -> tuple[ProbeQuestion, ...]:
    """The actions that need no study."""

    def read(path: str) -> ProbeRequest:
        return ProbeRequest("GET", path, caller)

    def write(method: str, path: str, body: str = "", note: str = "") -> ProbeRequest:
        return ProbeRequest(method, path, caller, body=body, note=note, writes=True)

    without_study, nowhere = f"studies/{NO_STUDY}", "to a modality that nobody has"
    return (
        *_each("view", read("studies?since=0&limit=1"), read("dicom-web/studies?limit=1")),
        *_each("view", ProbeRequest("POST", "tools/find", caller, body=_FIND, note="a search for one study")),
        *_each("upload", write("POST", "instances", "orthgen verify", "a body that is not DICOM")),
        *_each("send", read("modalities")),
        *_each("send", write("POST", f"{_NOWHERE}/store", json.dumps([NO_STUDY]), nowhere)),
        # Orthanc passes over an unknown id here (1.12.7, 1.13.0); its answer to DELETE is that of a path that is not public.
        *_each("delete", write("POST", "tools/bulk-delete", _UNKNOWN, _WITHOUT_STUDY)),
        *_each("modify", write("POST", f"{without_study}/modify", '{"Replace": {}}', _WITHOUT_STUDY)),
        *_each("anonymize", write("POST", f"{without_study}/anonymize", "{}", _WITHOUT_STUDY)),
        *_each("edit-labels", read("tools/labels")),
        *_each("edit-labels", write("PUT", f"{without_study}/labels/orthgen-verify", note=_WITHOUT_STUDY)),
        *_each("q-r-remote-modalities", write("POST", f"{_NOWHERE}/query", '{"Level": "Study"}', nowhere)),
        *_each("worklists", read("worklists")),
        *_each("settings", read("tools/log-level")),
        *_each("audit-logs", read("auth/audit-logs?limit=1")),
        *_each("administer", read("auth/settings/roles"), read("jobs")),
        *_each("every study", read("patients?since=0&limit=1"), read("changes?limit=1")),
        *_each("every study", read("tools/metrics-prometheus"), read("statistics")),
    )


SIGNED_OUT = (
    ProbeQuestion("page", ProbeRequest("GET", "ui/app/"), is_page=True),
    ProbeQuestion("legacy page", ProbeRequest("GET", "app/explorer.html"), is_page=True),
    *_actions(Caller.NOBODY),
)
USER = (
    *_each(
        "view",
        ProbeRequest("GET", "studies/{study}", Caller.USER),
        ProbeRequest("GET", "dicom-web/studies/{uid}/series", Caller.USER),
    ),
    *_each("download", ProbeRequest("GET", "instances/{instance}/file", Caller.USER)),
    *_each(
        "share",
        ProbeRequest(
            "PUT",
            "auth/tokens/{share}",
            Caller.USER,
            body=_LINK,
            note="for one second, to the study",
            writes=True,
        ),
    ),
    ProbeQuestion("other studies", ProbeRequest("GET", "studies/{other}", Caller.USER), may_be_missing=True),
    *_actions(Caller.USER),
)
LINK = (
    *_each("view", ProbeRequest("GET", "studies/{linked}", Caller.LINK)),
    *_each("view", ProbeRequest("GET", "dicom-web/studies/{linked_uid}/series", Caller.LINK)),
    *_each(
        "delete",
        ProbeRequest(
            "DELETE",
            "studies/{linked}/metadata/orthgen-verify",
            Caller.LINK,
            note="a name that no metadata has",
            writes=True,
        ),
    ),
    ProbeQuestion("other studies", ProbeRequest("GET", "studies/{other}", Caller.LINK), may_be_missing=True),
    *_each("every study", ProbeRequest("GET", "patients?since=0&limit=1", Caller.LINK)),
)
QUESTIONS = (*SIGNED_OUT, *USER, *LINK)
PROFILES = tuple(ProbeRequest("GET", "auth/user/profile", caller) for caller in (Caller.NOBODY, Caller.USER))
"""The requests that show the rights of a caller as the auth-service gives them."""
