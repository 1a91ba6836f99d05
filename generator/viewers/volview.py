"""VolView: volume rendering, served by Orthanc's plugin."""

from generator.viewers.base import Contribution, Viewer, ViewerOptions
from generator.viewers.context import ViewerContext


class VolViewOptions(ViewerOptions):
    """VolView, for volume rendering."""


def _contribute(options: VolViewOptions, context: ViewerContext) -> Contribution:  # noqa: ARG001 - a viewer's signature
    return Contribution(
        name="volview",
        buttons=(("volview", options.icon or "bi bi-box"),),
        sections={"VolView": {"Enable": True}},
        standard_configurations=("volview",),
        share_type="volview-viewer-publication",
        folders=("volview",),
        features=("volview",),
    )


VOLVIEW = Viewer("volview", VolViewOptions, _contribute)
