"""Viewers of an Orthanc with the authorization plugin: the pages that open, and the tokens that it reads."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from orthgen.authz.plugin_releases import STANDARD_CONFIGURATIONS, StandardConfiguration
from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import Orthanc


class Viewer(Struct, frozen=True):
    """A viewer that is a plugin: its section, the name of its standard configuration, and the folder of its pages."""

    plugin: str
    section: str
    name: str
    folder: str


VIEWERS = (
    Viewer("StoneWebViewer", "StoneWebViewer", "stone-webviewer", "/stone-webviewer/"),
    Viewer("Ohif", "OHIF", "ohif", "/ohif/"),
    Viewer("VolView", "VolView", "volview", "/volview/"),
    Viewer("OrthancExplorer2", "OrthancExplorer2", "orthanc-explorer-2", "/ui/app/"),
)


def standard_names(orthanc: Orthanc) -> list[str]:
    """The names in `StandardConfigurations`."""
    return [
        str(name) for name in as_list(orthancs.setting(orthanc, "Authorization", "StandardConfigurations"))
    ]


def closed(orthanc: Orthanc) -> Iterator[Viewer]:
    """The viewers that are used, and whose pages the authorization plugin refuses."""
    names = standard_names(orthanc)
    if orthancs.known_plugins(orthanc) is None and not names:
        return
    values = orthancs.section(orthanc, "Authorization")
    opened = [
        str(path) for key in ("UncheckedFolders", "UncheckedResources") for path in as_list(values.get(key))
    ]
    for viewer in VIEWERS:
        is_open = viewer.name in names or any(viewer.folder.startswith(path) for path in opened)
        is_off = viewer.plugin == "OrthancExplorer2" and not orthancs.is_on(
            orthanc, "OrthancExplorer2", "Enable", default=True
        )
        if orthancs.uses(orthanc, viewer.plugin, viewer.section) and not is_open and not is_off:
            yield viewer


def read_headers(orthanc: Orthanc) -> set[str]:
    """The headers in which the authorization plugin looks for tokens, in small letters."""
    written = as_list(orthancs.setting(orthanc, "Authorization", "TokenHttpHeaders"))
    return {str(name).lower() for name in written} | {
        name.lower() for entry in _standard(orthanc) for name in entry.headers
    }


def read_arguments(orthanc: Orthanc) -> set[str]:
    """The arguments of an address in which the authorization plugin looks for tokens."""
    written = as_list(orthancs.setting(orthanc, "Authorization", "TokenGetArguments"))
    return {str(name) for name in written} | {
        name for entry in _standard(orthanc) for name in entry.arguments
    }


def _standard(orthanc: Orthanc) -> Iterator[StandardConfiguration]:
    names, has = standard_names(orthanc), orthancs.component_version(orthanc, "authorization")
    for entry in STANDARD_CONFIGURATIONS:
        since = ".".join(map(str, entry.headers_since))
        if entry.name in names and (not since or not has or at_least(has, since)):
            yield entry
