"""Checks with a link's token on its own study; Orthanc itself refuses each write."""

from __future__ import annotations

from orthgen.probe.checks.expected_responses import FORBIDDEN, OK, THROUGH
from orthgen.probe.model import NO_STUDY, Caller, ExpectedResponse, ProbeCheck, ProbeRequest, Shape

_EDGE = "a proxy that forwards a request with a write method only if each of its tokens has the form of a user token"
_WHY_OVERRIDE = "Orthanc reads the request as a DELETE, so a rule that allows only GET does not protect"
_OVERRIDE_CLOSED = (FORBIDDEN, ExpectedResponse(OK), ExpectedResponse(frozenset({400})))
_OVERRIDE_OPEN = (
    ExpectedResponse(frozenset({405}), Shape.ALLOW),
    ExpectedResponse(frozenset({404, 405}), Shape.ORTHANC_ERROR),
)

LINK = (
    ProbeCheck(
        "link-changes-its-study",
        "W1",
        ProbeRequest(
            "POST",
            "studies/{linked}/modify",
            Caller.LINK,
            body="orthgen verify",
            note="a body that is not JSON",
            writes=True,
        ),
        closed=(ExpectedResponse(frozenset({401, 403, 405})),),
        open=THROUGH,
        why="anybody with a link can change its study",
        remedy=_EDGE,
    ),
    ProbeCheck(
        "link-deletes-in-its-study",
        "W1",
        ProbeRequest(
            "DELETE",
            "studies/{linked}/metadata/orthgen-verify",
            Caller.LINK,
            note="a name that no metadata has",
            writes=True,
        ),
        closed=(ExpectedResponse(frozenset({401, 403, 405})),),
        open=THROUGH,
        why="anybody with a link can delete its study",
        remedy=_EDGE,
    ),
    ProbeCheck(
        "method-in-the-address",
        "W1",
        # There is nothing to delete at this path: Orthanc says which methods it knows.
        ProbeRequest("GET", "studies/{linked}/statistics?_method=DELETE", Caller.LINK, writes=True),
        closed=_OVERRIDE_CLOSED,
        open=_OVERRIDE_OPEN,
        why=_WHY_OVERRIDE,
        remedy="a proxy that refuses `_method` in every spelling",
    ),
    ProbeCheck(
        "method-in-a-header",
        "W1",
        ProbeRequest(
            "GET",
            "studies/{linked}/statistics",
            Caller.LINK,
            headers=(("X-HTTP-Method-Override", "DELETE"),),
            writes=True,
        ),
        closed=_OVERRIDE_CLOSED,
        open=_OVERRIDE_OPEN,
        why=_WHY_OVERRIDE,
        remedy="a proxy that refuses the header",
    ),
    ProbeCheck(
        "link-opens-other-studies",
        "W19",
        ProbeRequest(
            "GET",
            f"tools/create-archive?resources={NO_STUDY}&Resources={{linked}}",
            Caller.LINK,
            note="an archive of a study that cannot exist, beside the link's own",
        ),
        closed=(ExpectedResponse(frozenset({400, 401, 403})),),
        open=(ExpectedResponse(frozenset({404}), Shape.ORTHANC_ERROR),),
        why="the plugin and Orthanc read different lists: anybody with a link downloads any study with a known id",
        remedy="a proxy that asks Orthanc about each resource of an archive with the tokens of the caller first",
    ),
)
