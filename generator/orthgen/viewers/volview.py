"""VolView: volume rendering, served by Orthanc's plugin."""

from orthgen.formats.commented_json import Commented
from orthgen.viewers.base import Contribution, Viewer, ViewerOptions
from orthgen.viewers.context import ViewerContext


class VolViewOptions(ViewerOptions):
    """VolView, for volume rendering."""


def _contribute(options: VolViewOptions, context: ViewerContext) -> Contribution:
    return Contribution(
        name="volview",
        title="VolView",
        buttons=(("volview", options.icon or "bi bi-box"),),
        sections={
            "VolView": Commented(
                {}, "The plugin has no settings. The image loads it because of this section."
            )
        },
        standard_configurations=("volview",),
        folders=("volview",),
        share_environment={"PUBLIC_ORTHANC_ROOT": context.orthanc_root},
        features=("volview",),
    )


# Orthanc Explorer 2 (1.9 to 1.14) opens it with the address of the study's archive.
VOLVIEW = Viewer(
    "volview",
    "VolView",
    VolViewOptions,
    _contribute,
    button="volview",
    pages="/volview/",
    section="VolView",
    standard_folder="/volview/",
    share_type="volview-viewer-publication",
    share_variable="PUBLIC_ORTHANC_ROOT",
    fetches_files=True,
)
