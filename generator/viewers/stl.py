"""The STL viewer: 3-D models, among them those made of RT structure sets."""

from generator.viewers.base import Contribution, Viewer, ViewerOptions
from generator.viewers.context import ViewerContext


class StlOptions(ViewerOptions):
    """The viewer of 3-D models."""


def _contribute(options: StlOptions, context: ViewerContext) -> Contribution:  # noqa: ARG001 - a viewer's signature
    return Contribution(
        name="stl",
        buttons=(("stl", options.icon or "fa-solid fa-cubes"),),
        sections={"STL": {"Enable": True}},
        standard_configurations=("stl",),
        folders=("stl",),
        features=("stl",),
    )


STL = Viewer("stl", StlOptions, _contribute)
