"""The STL viewer: 3-D models, among them those made of RT structure sets."""

from orthgen.viewers.base import Contribution, Viewer, ViewerOptions
from orthgen.viewers.context import ViewerContext


class StlOptions(ViewerOptions):
    """The viewer of 3-D models."""


def _contribute(options: StlOptions, context: ViewerContext) -> Contribution:  # noqa: ARG001 - a viewer's signature
    return Contribution(
        name="stl",
        title="STL",
        buttons=(("stl", options.icon or "fa-solid fa-cubes"),),
        sections={"STL": {"EnableNexus": False}},
        # Not the standard configuration `stl`: it opens all of /stl/, and with it the names in every RT structure
        # set (/stl/rt-struct/ID) to people who are not signed in. Tokens are read as for Orthanc Explorer 2.
        unchecked_folders=("/stl/app/",),
        folders=("stl",),
        features=("stl",),
    )


STL = Viewer(
    "stl",
    "STL",
    StlOptions,
    _contribute,
    button="stl",
    pages="/stl/app/",
    section="STL",
    standard_folder="/stl/",
)
