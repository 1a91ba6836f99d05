"""Pages of viewers that the authorization plugin refuses."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.diagnosis.facts import viewers
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          STONE_WEB_VIEWER_PLUGIN_ENABLED: "true"
          ORTHANC_JSON: |
            {
              "AuthenticationEnabled": false,
              "Authorization": {
                "WebServiceRootUrl": "http://auth.example.org:8000/",
                "StandardConfigurations": [NAMES],
                "CheckedLevel": "studies"
              },
              "DicomWeb": {"Enable": true}
            }
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
"""
RULE = Rule(
    "viewer-pages-refused",
    Severity.ERROR,
    summary="A viewer is enabled in Orthanc, and the authorization plugin does not let its pages open.",
    consequence="The viewer shows an empty page: a browser sends no token for pages, and gets 403.",
    remedy="Add the viewer's name to `Authorization.StandardConfigurations`.",
    file="docker-compose.yml",
    example=_FILES.replace("NAMES", '"orthanc-explorer-2"'),
    counterexample=_FILES.replace("NAMES", '"orthanc-explorer-2", "stone-webviewer"'),
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The pages of every viewer open."""
    for orthanc in deployment.orthancs:
        # In an excerpt, a list that was written is there as a whole.
        is_seen = orthanc.is_complete or bool(viewers.standard_names(orthanc))
        if not orthancs.knows_users(orthanc) or not is_seen:
            continue
        for viewer in viewers.closed(orthanc):
            yield Finding(
                RULE,
                f"the pages of `{viewer.name}` answer 403: `StandardConfigurations` does not have it",
                orthancs.place(orthanc, "Authorization", "StandardConfigurations"),
                f'add `"{viewer.name}"`',
                confidence=Confidence.CERTAIN if orthanc.is_complete else Confidence.LIKELY,
            )
