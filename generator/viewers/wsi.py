"""Whole-slide imaging: Orthanc's plugin for digital pathology and its viewer."""

from generator.viewers.base import Contribution, Viewer, ViewerOptions
from generator.viewers.context import ViewerContext


class WsiOptions(ViewerOptions):
    """The whole-slide viewer."""


def _contribute(options: WsiOptions, context: ViewerContext) -> Contribution:  # noqa: ARG001 - a viewer's signature
    return Contribution(
        name="wsi",
        buttons=(("wsi", options.icon or "fa-solid fa-microscope fa-button"),),
        sections={"WholeSlideImaging": {"Enable": True}},
        folders=("wsi",),
        features=("wsi",),
    )


WSI = Viewer("wsi", WsiOptions, _contribute)
