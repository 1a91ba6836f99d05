"""Consistency of viewers: each button has its pages, and the authorization plugin lets them through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orthgen.consistency.facts import (
    client,
    consistency_rule,
    disagreement,
    ohif_file,
    section,
)
from orthgen.consistency.parsed_files import ORTHANC, REALM
from orthgen.consistency.running_services import environment, environment_place, has_service, service_place
from orthgen.deployment import naming
from orthgen.viewers import VIEWERS
from orthgen.viewers.ohif import OHIF_CLIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.consistency.parsed_files import ParsedFiles
    from orthgen.findings import Finding

_BY_BUTTON = {viewer.button: viewer for viewer in VIEWERS}
# The folders that a standard configuration opens to GET (authorization 0.10.2 to 0.11.4).
_OPENED_BY = {"orthanc-explorer-2": "/ui/app/"} | {
    viewer.button: viewer.standard_folder for viewer in VIEWERS if viewer.standard_folder
}
_VARIABLES = dict(viewer.plugin_variable for viewer in VIEWERS if viewer.plugin_variable is not None)
_BASENAME = re.compile(r'"?routerBasename"?:\s*["\'](?P<path>[^"\']*)["\']')


def _buttons(files: ParsedFiles) -> list[str]:
    return [
        str(button) for button in section(files, "OrthancExplorer2", "UiOptions", "ViewersOrdering") or ()
    ]


REFUSED_VIEWER_PAGES = consistency_rule(
    "refused-viewer-pages",
    "The authorization plugin refuses the pages of a viewer that has a button.",
    file="orthanc/orthanc.json",
    example="""
        - "orthanc-explorer-2", "ohif", "volview"
        + "orthanc-explorer-2", "ohif"
    """,
)


def standard_configurations(files: ParsedFiles) -> Iterator[Finding]:
    """A browser, which sends no token for a page, gets the pages of every viewer that has a button."""
    configurations = section(files, "Authorization", "StandardConfigurations") or ()
    place = files.locate(ORTHANC, ("Authorization", "StandardConfigurations"))
    opened = [_OPENED_BY[name] for name in configurations if name in _OPENED_BY]
    opened += section(files, "Authorization", "UncheckedFolders") or ()
    pages = {"orthanc-explorer-2": "/ui/app/"} | {
        name: _BY_BUTTON[name].pages for name in _buttons(files) if name in _BY_BUTTON
    }
    for name, folder in pages.items():
        if not any(folder.startswith(prefix) for prefix in opened):
            yield disagreement(
                REFUSED_VIEWER_PAGES,
                f"no rule allows `{folder}`: the pages of `{name}` would answer 403",
                place,
            )


VIEWER_WITHOUT_PLUGIN = consistency_rule(
    "viewer-without-plugin",
    "A viewer has a button, and its plugin or its section is missing.",
    file="orthanc/orthanc.json",
    example="""
        - "VolView": {
        + "Volview": {
    """,
    also=("key-unknown-to-image",),
)


def plugins_and_sections(files: ParsedFiles) -> Iterator[Finding]:
    """Every viewer with a button has its section, and the variable that enables its plugin in the image."""
    variables = environment(files, naming.ORTHANC)
    ordering = ("OrthancExplorer2", "UiOptions", "ViewersOrdering")
    for index, button in enumerate(_buttons(files)):
        name = _BY_BUTTON[button].section if button in _BY_BUTTON else None
        if name is not None and section(files, name) is None:
            location = files.locate(ORTHANC, (*ordering, index))
            yield disagreement(
                VIEWER_WITHOUT_PLUGIN, f"`{button}` has a button, but there is no section `{name}`", location
            )
    for name, variable in _VARIABLES.items():
        if section(files, name) is not None and variables.get(variable) != "true":
            location = files.locate(ORTHANC, (name,))
            service = service_place(files, naming.ORTHANC)
            yield disagreement(
                VIEWER_WITHOUT_PLUGIN,
                f"section `{name}` without {variable}: the image would not load the plugin",
                location,
                (service, naming.ORTHANC),
            )
        if section(files, name) is None and variables.get(variable) == "true":
            location = environment_place(files, naming.ORTHANC, variable)
            yield disagreement(VIEWER_WITHOUT_PLUGIN, f"{variable} without a section `{name}`", location)


OHIF_PATHS_DIFFER = consistency_rule(
    "ohif-paths-differ",
    "OHIF is served, or redirected to, at another path than the one that Orthanc Explorer 2 opens.",
    file="orthanc/orthanc.json",
    example="""
        - "OhifViewer3PublicRoot": "/ohif/"
        + "OhifViewer3PublicRoot": "/viewer/"
    """,
)


def ohif_base(files: ParsedFiles) -> Iterator[Finding]:
    """OHIF is served, believes itself to be, and is redirected to, where Orthanc Explorer 2 opens it."""
    options = section(files, "OrthancExplorer2", "UiOptions") or {}
    if not options.get("EnableOpenInOhifViewer3"):
        return
    root = str(options.get("OhifViewer3PublicRoot"))
    place = (
        files.locate(ORTHANC, ("OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot")),
        "OhifViewer3PublicRoot",
    )
    path = urlsplit(root).path
    if not root.endswith("/"):
        yield disagreement(OHIF_PATHS_DIFFER, "OhifViewer3PublicRoot does not end in `/`", place[0])
    if section(files, "OHIF") is None and not has_service(files, naming.OHIF):
        yield disagreement(
            OHIF_PATHS_DIFFER, "OHIF has a button, but neither a container nor the plugin's section", place[0]
        )
    file = ohif_file(files)
    basename = _BASENAME.search(files.texts[file]) if file is not None else None
    if file is not None and basename is not None and basename["path"] != path.rstrip("/"):
        message = f"OHIF expects the path `{basename['path']}`, Orthanc Explorer 2 opens it at `{path}`"
        yield disagreement(OHIF_PATHS_DIFFER, message, files.locate_text(file, basename[0]), place)
    variables = environment(files, naming.AUTH_SERVICE)
    public = variables.get("PUBLIC_OHIF_ROOT")
    if public is not None and urlsplit(public).path != path:
        message = f"share links lead to `{public}`, Orthanc Explorer 2 opens OHIF at `{root}`"
        yield disagreement(
            OHIF_PATHS_DIFFER,
            message,
            environment_place(files, naming.AUTH_SERVICE, "PUBLIC_OHIF_ROOT"),
            place,
        )
    index, representation = client(files, OHIF_CLIENT) or (0, {})
    for position, uri in enumerate(representation.get("redirectUris", ())):
        if not urlsplit(str(uri)).path.startswith(path):
            location = files.locate(REALM, ("clients", index, "redirectUris", position))
            yield disagreement(
                OHIF_PATHS_DIFFER, f"OHIF's redirect URI `{uri}` is not below `{path}`", location, place
            )
