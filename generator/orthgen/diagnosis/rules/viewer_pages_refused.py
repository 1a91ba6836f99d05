"""Pages of viewers that the authorization plugin refuses."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
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
# The sections by which an Orthanc without the image shows its viewers.
_SECTIONS = {
    "StoneWebViewer": "StoneWebViewer",
    "Ohif": "OHIF",
    "VolView": "VolView",
    "OrthancExplorer2": "OrthancExplorer2",
}
_PAGES = {
    "StoneWebViewer": ("stone-webviewer", "/stone-webviewer/"),
    "Ohif": ("ohif", "/ohif/"),
    "VolView": ("volview", "/volview/"),
    "OrthancExplorer2": ("orthanc-explorer-2", "/ui/app/"),
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The pages of every viewer open."""
    for orthanc in deployment.orthancs:
        plugins = orthancs.known_plugins(orthanc)
        values = orthancs.section(orthanc, "Authorization")
        names = containers.as_list(values.get("StandardConfigurations"))
        opened = [
            str(path)
            for key in ("UncheckedFolders", "UncheckedResources")
            for path in containers.as_list(values.get(key))
        ]
        if not orthancs.knows_users(orthanc) or not orthanc.is_complete or (plugins is None and not names):
            continue
        for plugin, (name, folder) in _PAGES.items():
            loads = plugin in plugins if plugins is not None else orthanc.settings.has(_SECTIONS[plugin])
            if not loads or name in names or any(folder.startswith(path) for path in opened):
                continue
            if plugin == "OrthancExplorer2" and not orthancs.is_on(
                orthanc, "OrthancExplorer2", "Enable", default=True
            ):
                continue
            yield Finding(
                RULE,
                f"the pages of `{name}` answer 403: `StandardConfigurations` does not have it",
                orthancs.place(orthanc, "Authorization", "StandardConfigurations"),
                f'add `"{name}"`',
            )
