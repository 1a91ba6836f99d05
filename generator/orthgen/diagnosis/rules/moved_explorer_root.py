"""Orthanc Explorer 2 at a path whose pages the authorization plugin refuses."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

_FILE = """
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "StandardConfigurations": ["orthanc-explorer-2"],
        "CheckedLevel": "studies"
      },
      "OrthancExplorer2": {"Root": "ROOT"}
    }
"""
RULE = Rule(
    "moved-explorer-root",
    Severity.ERROR,
    summary="`OrthancExplorer2.Root` is not `/ui/`, while the authorization plugin opens the pages below `/ui/app/` only.",
    consequence="Orthanc Explorer 2 does not open: its pages answer 403.",
    remedy='Write `"Root": "/ui/"`, or add the path of the pages to `UncheckedFolders`.',
    file="orthanc.json",
    example=_FILE.replace("ROOT", "/explorer/"),
    counterexample=_FILE.replace("ROOT", "/ui/"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The pages are where the plugin opens them."""
    for orthanc in deployment.orthancs:
        root = orthanc.settings.get("OrthancExplorer2", "Root")
        folders = as_list(orthancs.setting(orthanc, "Authorization", "UncheckedFolders"))
        if (
            not isinstance(root, str)
            or root.strip("/") == "ui"
            or not orthancs.filters(orthanc)
            or "$" in root
        ):
            continue
        if not any(f"/{root.strip('/')}/app/".startswith(str(folder)) for folder in folders):
            yield Finding(
                RULE,
                f"`OrthancExplorer2.Root` is `{root}`; the authorization plugin opens pages below `/ui/app/` only",
                orthancs.place(orthanc, "OrthancExplorer2", "Root"),
                "write `/ui/`",
                replacement='"/ui/"',
            )
