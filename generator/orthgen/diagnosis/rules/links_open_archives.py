"""Links that open archives of other studies."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "CheckedLevel": "studies"},
      "OrthancExplorer2": {"UiOptions": {"EnableShares": true}}
    }
    ==> nginx.conf <==
    server {
      listen 80;
      large_client_header_buffers 8 32k;
      client_max_body_size 0;
      location / {
        proxy_pass http://orthanc:8042;
        proxy_set_header Host $http_host;
      }
      ARCHIVES
    }
"""
RULE = Rule(
    "links-open-archives",
    Severity.NOTE,
    summary="Shares are on, and the authorization plugin (to 0.11.4) passes over patients and unknown ids in the list of an archive of "
    "many (`/tools/create-archive?resources=…`, `/tools/create-media`).",
    consequence="A person with a link to one study downloads every patient and study whose Orthanc id this person knows.",
    remedy="Let the reverse proxy refuse `/tools/create-archive`, `/tools/create-media` and `/tools/create-media-extended`: then people "
    "download one study at a time. The guard of `orthgen render` asks Orthanc about each listed resource.",
    file="orthanc.json",
    example=_FILES.replace("ARCHIVES", ""),
    counterexample=_FILES.replace("ARCHIVES", "location /tools/create- { return 403; }"),
    also=("links-open-writing",),
    is_about_absence=True,
)
_ARCHIVES = ("/tools/create-archive", "/tools/create-media", "/tools/create-media-extended")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A link opens its study, and no other."""
    if not any(routing.may_pass(deployment, path) for path in _ARCHIVES):
        return
    for orthanc in orthancs.with_shares(deployment):
        yield Finding(
            RULE,
            "a link to one study downloads other patients by `/tools/create-archive?resources=…`",
            orthanc.settings.locate(("OrthancExplorer2", "UiOptions", "EnableShares")),
            "let the reverse proxy refuse `/tools/create-archive` and `/tools/create-media`",
        )
