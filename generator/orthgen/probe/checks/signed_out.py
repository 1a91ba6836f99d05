"""Checks without a token."""

from __future__ import annotations

from orthgen.probe.checks.expected_responses import NOT_PUBLIC, OK, REFUSED, THROUGH, page, value
from orthgen.probe.model import NO_STUDY, ExpectedResponse, ProbeCheck, ProbeRequest, Shape, Site

_UPLOADS = "an empty anonymous profile of the auth-service (ANONYMOUS_PROFILE_FILE_PATH); the profile of the image has `upload`"
_FILTER = (
    "the authorization plugin with `WebServiceRootUrl`, and a network in which only the proxy reaches Orthanc"
)
_PUBLIC_PATHS = "a proxy that forwards a list of public paths, and answers 404 to all other paths"

SIGNED_OUT = (
    ProbeCheck(
        "anonymous-upload",
        "W4",
        ProbeRequest(
            "POST", "instances", body="orthgen verify", note="a body that is not DICOM", writes=True
        ),
        closed=(REFUSED,),
        open=THROUGH,
        why="anybody in the network can add studies to the archive",
        remedy=_UPLOADS,
    ),
    ProbeCheck(
        "anonymous-stow",
        "W4",
        ProbeRequest(
            "POST",
            "dicom-web/studies",
            headers=(("Content-Type", "text/plain"),),
            body="orthgen verify",
            note="a body of a type that DICOMweb does not take",
            writes=True,
        ),
        closed=(REFUSED,),
        open=THROUGH,
        why="anybody in the network can add studies by DICOMweb",
        remedy=_UPLOADS,
    ),
    ProbeCheck(
        "anonymous-create",
        "W4",
        ProbeRequest(
            "POST", "tools/create-dicom", body="orthgen verify", note="a body that is not JSON", writes=True
        ),
        closed=(REFUSED,),
        open=THROUGH,
        why="anybody in the network can create objects in the archive",
        remedy=_UPLOADS,
    ),
    ProbeCheck(
        "anonymous-lookup",
        "W5",
        ProbeRequest("POST", "tools/lookup", body="{any_uid}", note="the UID of an existing study"),
        closed=(REFUSED, ExpectedResponse(OK, Shape.NO_ITEMS)),
        open=(ExpectedResponse(OK, Shape.ITEMS),),
        why="a signed-out person can find out whether the archive has a study, and its id",
        remedy="a proxy that removes studies from the answer that the caller may not see",
    ),
    ProbeCheck(
        "anonymous-changes",
        "W5",
        ProbeRequest("GET", "changes?limit=1"),
        closed=(NOT_PUBLIC,),
        open=(value("Changes"),),
        why="everybody reads the id of every study that arrives",
        remedy=_FILTER,
    ),
    ProbeCheck(
        "anonymous-statistics",
        "W5",
        ProbeRequest("GET", "statistics"),
        closed=(NOT_PUBLIC,),
        open=(value("CountStudies"),),
        why="everybody reads the size of the archive",
        remedy=_FILTER,
    ),
    ProbeCheck(
        "anonymous-metrics",
        "W5",
        ProbeRequest("GET", "tools/metrics-prometheus"),
        closed=(NOT_PUBLIC,),
        open=(page("orthanc_"),),
        why="everybody reads the number of all studies",
        remedy=_FILTER,
    ),
    ProbeCheck(
        "anonymous-search",
        "W9",
        ProbeRequest("GET", "dicom-web/studies?limit=1"),
        closed=(NOT_PUBLIC,),
        open=(ExpectedResponse(OK, Shape.ITEMS),),
        why="everybody reads the list of all studies, with the names of patients",
        remedy="`WebServiceRootUrl`: the plugin then has all addresses of the auth-service, and not only the one for links",
    ),
    ProbeCheck(
        "anonymous-list",
        "W10",
        ProbeRequest("GET", "studies?since=0&limit=1"),
        closed=(NOT_PUBLIC,),
        open=(ExpectedResponse(OK, Shape.ITEMS), ExpectedResponse(OK, Shape.NO_ITEMS)),
        why="the plugin checks no request: Orthanc answers everybody",
        remedy=_FILTER,
    ),
    ProbeCheck(
        "anonymous-label",
        "W10",
        ProbeRequest(
            "PUT",
            f"studies/{NO_STUDY}/labels/orthgen-verify",
            note="of a study that cannot exist",
            writes=True,
        ),
        closed=(REFUSED,),
        open=THROUGH,
        why="the plugin checks no write request: everybody can change labels, and so the rights on studies",
        remedy=_FILTER,
    ),
    ProbeCheck(
        "anonymous-delete",
        "W10",
        ProbeRequest(
            "DELETE",
            f"studies/{NO_STUDY}/metadata/orthgen-verify",
            note="of a study that cannot exist, and a name that no metadata has",
            writes=True,
        ),
        closed=(REFUSED,),
        open=THROUGH,
        why="the plugin checks no DELETE request: everybody can delete",
        remedy=_FILTER,
    ),
    ProbeCheck(
        "execute-script",
        "not public",
        ProbeRequest(
            "POST",
            "tools/execute-script",
            body="-- orthgen verify",
            note="a script of one comment",
            writes=True,
        ),
        closed=(NOT_PUBLIC,),
        open=THROUGH,
        why="anybody with access to this path runs programs inside Orthanc",
        remedy=f"`ExecuteLuaEnabled: false`, and {_PUBLIC_PATHS}",
    ),
    ProbeCheck(
        "legacy-explorer",
        "not public",
        ProbeRequest("GET", "app/explorer.html"),
        closed=(NOT_PUBLIC,),
        open=(page("Orthanc Explorer"),),
        why="Orthanc's old pages have no sign-in, and no proxy protects them",
        remedy=_PUBLIC_PATHS,
    ),
    ProbeCheck(
        "webdav",
        "not public",
        ProbeRequest("GET", "webdav/"),
        closed=(NOT_PUBLIC,),
        open=(page("WebDAV"), page("webdav")),
        why="the archive is a network drive, without a check of permissions",
        remedy=f"`WebDavEnabled: false`, and {_PUBLIC_PATHS}",
    ),
    ProbeCheck(
        "auth-service",
        "not public",
        ProbeRequest("GET", "auth-service/openapi.json", site=Site.ORIGIN),
        closed=(NOT_PUBLIC,),
        open=(value("openapi"),),
        why="with one password, anybody makes links to any study, without Orthanc's permissions and logs",
        remedy="no public path to the auth-service (the sample's ENABLE_ORTHANC_TOKEN_SERVICE)",
    ),
    ProbeCheck(
        "orthanc-for-api",
        "not public",
        ProbeRequest("GET", "orthanc-api/system", site=Site.ORIGIN),
        closed=(NOT_PUBLIC,),
        open=(value("ApiVersion"),),
        why="a second Orthanc on the same archive answers requests without a token",
        remedy="one Orthanc for the archive; programs use API keys",
    ),
    ProbeCheck(
        "orthanc-for-shares",
        "not public",
        ProbeRequest("GET", "shares/system", site=Site.ORIGIN),
        closed=(NOT_PUBLIC,),
        open=(value("ApiVersion"),),
        why="a second Orthanc on the same archive answers everybody",
        remedy="one Orthanc for the archive, also for links",
    ),
)
