"""The Stone Web viewer: light, served by Orthanc, opens with links as well as signed in."""

from orthgen.formats.commented_json import Commented
from orthgen.viewers.base import Contribution, Viewer, ViewerOptions
from orthgen.viewers.context import ViewerContext


class StoneOptions(ViewerOptions):
    """The Stone Web viewer."""


def _contribute(options: StoneOptions, context: ViewerContext) -> Contribution:
    return Contribution(
        name="stone",
        title="Stone Web viewer",
        buttons=(("stone-webviewer", options.icon or "bi bi-eye-fill"),),
        # DicomWebRoot stays at its default, which is relative to the viewer's own page.
        sections={
            "StoneWebViewer": {
                "DownloadStudyEnabled": Commented(
                    False,
                    "The viewer cannot know who may download. Orthanc Explorer 2 has that button.",
                ),
                "ExpectedMessageOrigin": "",
            }
        },
        standard_configurations=("stone-webviewer",),
        folders=("stone-webviewer",),
        share_environment={"PUBLIC_ORTHANC_ROOT": context.orthanc_root},
        features=("stone",),
    )


STONE = Viewer(
    "stone",
    "Stone Web viewer",
    StoneOptions,
    _contribute,
    button="stone-webviewer",
    pages="/stone-webviewer/",
    section="StoneWebViewer",
    plugin_variable=("StoneWebViewer", "STONE_WEB_VIEWER_PLUGIN_ENABLED"),
    standard_folder="/stone-webviewer/",
    share_type="stone-viewer-publication",
    share_variable="PUBLIC_ORTHANC_ROOT",
)
