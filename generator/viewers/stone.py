"""The Stone Web viewer: light, served by Orthanc, opens with links as well as signed in."""

from generator.viewers.base import Contribution, Viewer, ViewerOptions
from generator.viewers.context import ViewerContext


class StoneOptions(ViewerOptions):
    """The Stone Web viewer."""


def _contribute(options: StoneOptions, context: ViewerContext) -> Contribution:
    return Contribution(
        name="stone",
        buttons=(("stone-webviewer", options.icon or "bi bi-eye-fill"),),
        # DicomWebRoot is a path as the browser sees it, relative to the viewer's pages (Stone 2.5).
        sections={"StoneWebViewer": {"DicomWebRoot": context.dicomweb_path.rstrip("/")}},
        standard_configurations=("stone-webviewer",),
        share_type="stone-viewer-publication",
        folders=("stone-webviewer",),
        features=("stone",),
    )


STONE = Viewer("stone", StoneOptions, _contribute)
