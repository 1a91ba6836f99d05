"""Checks with the token of a user whose roles are limited to some labels."""

from __future__ import annotations

import json

from orthgen.probe.checks.expected_responses import FORBIDDEN, OK, REFUSED, page, value
from orthgen.probe.model import NO_STUDY, Caller, ExpectedResponse, ProbeCheck, ProbeRequest, Shape

_ROWS = "first rows in `Permissions` that need a permission of the roles that see every study, and of no other role"
_EDGE = "a proxy that asks Orthanc about every study of a link with the tokens of its maker first"
_REFUSED = ExpectedResponse(frozenset({400, 403, 404}))
# Refused, or kept from the public altogether.
_FORBIDDEN_OR_HIDDEN = (FORBIDDEN, ExpectedResponse(frozenset({404})))


def _wish(seconds: int) -> str:
    """A link to a study that cannot exist."""
    return json.dumps(
        {
            "Resources": [{"OrthancId": NO_STUDY, "Level": "study"}],
            "Type": "viewer-instant-link",
            "ValidityDuration": seconds,
        }
    )


LIMITED_USER = (
    ProbeCheck(
        "link-for-any-study",
        "W2",
        ProbeRequest(
            "PUT",
            "auth/tokens/viewer-instant-link",
            Caller.USER,
            body=_wish(1),
            note="for one second, to a study that cannot exist",
            writes=True,
        ),
        closed=(_REFUSED,),
        open=(value("Token"),),
        permission="view",
        why="a user who is limited to labels makes a link to any study with a known id, and downloads the study",
        remedy=_EDGE,
    ),
    ProbeCheck(
        "link-by-another-spelling",
        "W2",
        ProbeRequest(
            "PUT",
            "auth/tokens./viewer-instant-link",
            Caller.USER,
            body=_wish(1),
            note="for one second, to a study that cannot exist",
            writes=True,
        ),
        closed=(_REFUSED,),
        open=(value("Token"),),
        permission="view",
        why="Orthanc's web server ignores the dot, so a rule of a proxy for `auth/tokens/` has no effect",
        remedy="a proxy that forwards the normalised address, and refuses addresses that two servers read differently",
    ),
    ProbeCheck(
        "link-for-ever",
        "W2",
        ProbeRequest(
            "PUT",
            "auth/tokens/viewer-instant-link",
            Caller.USER,
            body=_wish(0),
            note="without end, to a study that does not exist",
            writes=True,
        ),
        # A refusal alone could be for the study; the guard says what it is for.
        closed=(ExpectedResponse(frozenset({400, 403}), Shape.TEXT, "a link of this type is valid for"),),
        open=(value("Token"),),
        permission="view",
        why="a link that leaks opens its study without end",
        remedy="a proxy that limits the lifetime of each type of link",
    ),
    ProbeCheck(
        "patients-of-anybody",
        "W3",
        ProbeRequest("GET", "patients/{patient}/studies", Caller.USER),
        closed=_FORBIDDEN_OR_HIDDEN,
        open=(ExpectedResponse(OK, Shape.ITEMS),),
        permission="view",
        why="the plugin checks no labels on the paths of patients: the user downloads or deletes the studies of any patient",
        remedy=_ROWS,
    ),
    ProbeCheck(
        "search-by-patient",
        "W13",
        ProbeRequest(
            "POST",
            "tools/find",
            Caller.USER,
            body=json.dumps(
                {"Level": "Series", "Query": {}, "ParentStudy": "{study}", "ParentPatient": NO_STUDY}
            ),
            note="by a study of the user's and a patient who cannot exist",
        ),
        closed=(FORBIDDEN,),
        # Without an extended search (older database plugins) Orthanc says that it knows no such patient.
        open=(
            ExpectedResponse(OK, Shape.NO_ITEMS),
            ExpectedResponse(OK, Shape.ITEMS),
            ExpectedResponse(frozenset({404}), Shape.ORTHANC_ERROR),
        ),
        permission="view",
        why="the plugin checks one parent and Orthanc uses the other: the user reads the tags of any patient",
        remedy="a proxy that reads the body of a search, and refuses `ParentPatient` to users who do not see every study",
    ),
    ProbeCheck(
        "siblings",
        "W16",
        ProbeRequest("GET", "studies/{study}/patient", Caller.USER),
        closed=_FORBIDDEN_OR_HIDDEN,
        open=(value("Studies"),),
        permission="view",
        why="a user who may see one study of a patient can read the ids of all of them",
        remedy="a proxy that opens `/patient` of a study, series or instance only to users who see every study",
    ),
    ProbeCheck(
        "changes",
        "W5",
        ProbeRequest("GET", "changes?limit=1", Caller.USER),
        closed=_FORBIDDEN_OR_HIDDEN,
        open=(value("Changes"),),
        permission="view",
        why="a user with `view` reads the id of every study that arrives",
        remedy=_ROWS,
    ),
    ProbeCheck(
        "statistics",
        "W5",
        ProbeRequest("GET", "statistics", Caller.USER),
        closed=(*_FORBIDDEN_OR_HIDDEN, ExpectedResponse(OK, Shape.NO_TOTALS)),
        open=(ExpectedResponse(OK, Shape.TOTALS),),
        permission="view",
        why="a user with `view` reads the size of the whole archive",
        remedy=_ROWS,
    ),
    ProbeCheck(
        "metrics",
        "W5",
        ProbeRequest("GET", "tools/metrics-prometheus", Caller.USER),
        closed=_FORBIDDEN_OR_HIDDEN,
        open=(page("orthanc_"),),
        permission="view",
        why="a user with `view` reads the number of all studies",
        remedy=_ROWS,
    ),
    ProbeCheck(
        "audit-log",
        "W21",
        ProbeRequest("GET", "plugins/postgresql/audit-logs?limit=1", Caller.USER),
        closed=_FORBIDDEN_OR_HIDDEN,
        open=(ExpectedResponse(OK, Shape.ITEMS), ExpectedResponse(OK, Shape.NO_ITEMS)),
        permission="view",
        why="a user with `view` reads who did what with which study",
        remedy="a proxy that does not forward `/plugins/postgresql/`; people read the log at `/auth/audit-logs`",
    ),
    ProbeCheck(
        "lookup",
        "W5",
        ProbeRequest(
            "POST",
            "tools/lookup",
            Caller.USER,
            body="{other_uid}",
            note="the UID of a study outside the labels",
        ),
        closed=(REFUSED, ExpectedResponse(OK, Shape.NO_ITEMS)),
        open=(ExpectedResponse(OK, Shape.ITEMS),),
        why="everybody can find out whether the archive has a study, and its id",
        remedy="a proxy that removes studies from the answer that the caller may not see",
    ),
    ProbeCheck(
        "another-root",
        "W8",
        ProbeRequest("GET", "dicom-web/studies?limit=1", Caller.USER),
        closed=(
            ExpectedResponse(OK, Shape.ITEMS),
            ExpectedResponse(OK, Shape.NO_ITEMS),
            ExpectedResponse(frozenset({204})),
        ),
        open=(ExpectedResponse(frozenset({404}), Shape.ORTHANC_ERROR),),
        permission="view",
        why="the plugin always protects `/dicom-web/`, also if `DicomWeb.Root` is another path, and refuses everybody at that path",
        remedy="the default of `DicomWeb.Root`: `/dicom-web/`",
    ),
    ProbeCheck(
        "labels",
        "W11",
        ProbeRequest("GET", "studies/{other}", Caller.USER),
        closed=_FORBIDDEN_OR_HIDDEN,
        open=(value("MainDicomTags"),),
        permission="view",
        why="the user sees studies without a label of the user's roles",
        remedy="`CheckedLevel: studies`, and no second role of the user that sees every study",
    ),
    ProbeCheck(
        "sending-any-study",
        "lists",
        ProbeRequest(
            "POST",
            "modalities/orthgen-verify-nowhere/store",
            Caller.USER,
            body=json.dumps([NO_STUDY]),
            note="a study that cannot exist to a modality that nobody has",
            writes=True,
        ),
        closed=(ExpectedResponse(frozenset({400})), FORBIDDEN),
        open=(ExpectedResponse(frozenset({404, 500}), Shape.ORTHANC_ERROR),),
        permission="send",
        why="the plugin does not read the body: a user with `send` sends any study with a known id",
        remedy="a proxy that asks Orthanc about each listed study with the tokens of the caller first",
    ),
)
