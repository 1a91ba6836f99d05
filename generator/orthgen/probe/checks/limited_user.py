"""What somebody can do whose roles are limited to some labels. Asked with that person's token."""

from __future__ import annotations

import json

from orthgen.probe.checks.expected_responses import FORBIDDEN, OK, REFUSED, page, value
from orthgen.probe.model import NOWHERE, Ask, Caller, Check, Shape, Sign

_ROWS = "rows that stand first in `Permissions` and ask for a permission that only roles hold which see every study"
_EDGE = "an edge that asks for every study of a link with its maker's own tokens first"
_REFUSED = Sign(frozenset({400, 403, 404}))


def _wish(seconds: int) -> str:
    """A link to a study that cannot exist."""
    return json.dumps(
        {
            "Resources": [{"OrthancId": NOWHERE, "Level": "study"}],
            "Type": "viewer-instant-link",
            "ValidityDuration": seconds,
        }
    )


LIMITED_USER = (
    Check(
        "link-for-any-study",
        "W2",
        Ask(
            "PUT",
            "auth/tokens/viewer-instant-link",
            Caller.USER,
            body=_wish(1),
            what="for one second, to a study that cannot exist",
            writes=True,
        ),
        closed=(_REFUSED,),
        open=(value("Token"),),
        permission="view",
        why="somebody limited to some labels makes a link to any study whose id is known, and downloads it",
        remedy=_EDGE,
    ),
    Check(
        "link-by-another-spelling",
        "W2",
        Ask(
            "PUT",
            "auth/tokens./viewer-instant-link",
            Caller.USER,
            body=_wish(1),
            what="for one second, to a study that cannot exist",
            writes=True,
        ),
        closed=(_REFUSED,),
        open=(value("Token"),),
        permission="view",
        why="Orthanc's web server takes the dot away, so that what guards `auth/tokens/` is passed by",
        remedy="a proxy that hands on the address that it understood, and refuses what two would read differently",
    ),
    Check(
        "link-for-ever",
        "W2",
        Ask(
            "PUT",
            "auth/tokens/viewer-instant-link",
            Caller.USER,
            body=_wish(0),
            what="for ever, to a study that cannot exist",
            writes=True,
        ),
        # A refusal alone could be for the study; the guard says what it is for.
        closed=(Sign(frozenset({400, 403}), Shape.TEXT, "links of this kind live"),),
        open=(value("Token"),),
        permission="view",
        why="a link that leaks opens its study for ever",
        remedy="an edge that bounds the life of links by their kind",
    ),
    Check(
        "patients-of-anybody",
        "W3",
        Ask("GET", "patients/{patient}/studies", Caller.USER),
        closed=(FORBIDDEN, Sign(frozenset({404}))),
        open=(Sign(OK, Shape.ITEMS),),
        permission="view",
        why="paths of patients are not checked for labels: everything of anybody is downloaded, or deleted",
        remedy=_ROWS,
    ),
    Check(
        "search-by-patient",
        "W13",
        Ask(
            "POST",
            "tools/find",
            Caller.USER,
            body=json.dumps(
                {"Level": "Series", "Query": {}, "ParentStudy": "{study}", "ParentPatient": NOWHERE}
            ),
            what="by a study of the user's and a patient who cannot exist",
        ),
        closed=(FORBIDDEN,),
        open=(Sign(OK, Shape.NO_ITEMS), Sign(OK, Shape.ITEMS)),
        permission="view",
        why="the plugin checks one parent and Orthanc takes the other: the tags of any patient are read",
        remedy="an edge that reads the bodies of searches and refuses `ParentPatient` to who does not see every study",
    ),
    Check(
        "siblings",
        "W16",
        Ask("GET", "studies/{study}/patient", Caller.USER),
        closed=(FORBIDDEN, Sign(frozenset({404}))),
        open=(value("Studies"),),
        permission="view",
        why="the ids of all studies of a patient are told to who may see one of them",
        remedy="an edge that keeps `/patient` of a study, series or instance for who sees every study",
    ),
    Check(
        "changes",
        "W5",
        Ask("GET", "changes?limit=1", Caller.USER),
        closed=(FORBIDDEN, Sign(frozenset({404}))),
        open=(value("Changes"),),
        permission="view",
        why="the id of every study that arrives is told to everybody who may view anything",
        remedy=_ROWS,
    ),
    Check(
        "statistics",
        "W5",
        Ask("GET", "statistics", Caller.USER),
        closed=(FORBIDDEN, Sign(frozenset({404})), Sign(OK, Shape.NO_TOTALS)),
        open=(Sign(OK, Shape.TOTALS),),
        permission="view",
        why="the size of the whole archive is told to everybody who may view anything",
        remedy=_ROWS,
    ),
    Check(
        "metrics",
        "W5",
        Ask("GET", "tools/metrics-prometheus", Caller.USER),
        closed=(FORBIDDEN, Sign(frozenset({404}))),
        open=(page("orthanc_"),),
        permission="view",
        why="counts of the whole archive are told to everybody who may view anything",
        remedy=_ROWS,
    ),
    Check(
        "lookup",
        "W5",
        Ask(
            "POST",
            "tools/lookup",
            Caller.USER,
            body="{other_uid}",
            what="the UID of a study outside the labels",
        ),
        closed=(REFUSED, Sign(OK, Shape.NO_ITEMS)),
        open=(Sign(OK, Shape.ITEMS),),
        why="whether a study of others is here, and its id, is told to everybody",
        remedy="an edge that keeps of a lookup what its caller may get",
    ),
    Check(
        "another-root",
        "W8",
        Ask("GET", "dicom-web/studies?limit=1", Caller.USER),
        closed=(Sign(OK, Shape.ITEMS), Sign(OK, Shape.NO_ITEMS), Sign(frozenset({204}))),
        open=(Sign(frozenset({404}), Shape.ORTHANC_ERROR),),
        permission="view",
        why="the plugin protects `/dicom-web/` whatever `DicomWeb.Root` says, and refuses everybody at the other",
        remedy="`DicomWeb.Root` as it comes: `/dicom-web/`",
    ),
    Check(
        "labels",
        "W11",
        Ask("GET", "studies/{other}", Caller.USER),
        closed=(FORBIDDEN, Sign(frozenset({404}))),
        open=(value("MainDicomTags"),),
        permission="view",
        why="labels do not keep the studies of others apart",
        remedy="`CheckedLevel: studies`, and no role beside that sees every study",
    ),
    Check(
        "sending-any-study",
        "lists",
        Ask(
            "POST",
            "modalities/orthgen-verify-nowhere/store",
            Caller.USER,
            body=json.dumps([NOWHERE]),
            what="a study that cannot exist to a modality that nobody has",
            writes=True,
        ),
        closed=(Sign(frozenset({400})), FORBIDDEN),
        open=(Sign(frozenset({404, 500}), Shape.ORTHANC_ERROR),),
        permission="send",
        why="the plugin does not look into the body: whoever may send, sends any study whose id is known",
        remedy="an edge that asks for each listed study with the caller's own tokens first",
    ),
)
