"""
Whole-slide imaging: Orthanc's plugin for digital pathology and its viewer.

The viewer's page (3.2 and 3.3) takes the token of its own address nowhere along: it asks for the pyramid and its tiles
without one. The proxy adds it, read off the address of the page that asks (`tokenless`).
"""

from orthgen.formats.commented_json import Commented
from orthgen.viewers.base import Contribution, Viewer, ViewerOptions
from orthgen.viewers.context import ViewerContext


class WsiOptions(ViewerOptions):
    """The whole-slide viewer."""


def _contribute(options: WsiOptions, context: ViewerContext) -> Contribution:  # noqa: ARG001 - a viewer's signature
    return Contribution(
        name="wsi",
        title="whole-slide viewer",
        buttons=(("wsi", options.icon or "fa-solid fa-microscope fa-button"),),
        sections={
            "WholeSlideImaging": {
                "EnableIIIF": Commented(False, "IIIF serves slides at addresses that no viewer here uses.")
            }
        },
        # No standard configuration of the authorization plugin knows this viewer.
        unchecked_folders=("/wsi/app/", "/wsi/libs/"),
        tokenless=("wsi/pyramids/", "wsi/tiles/"),
        folders=("wsi",),
        features=("wsi",),
    )


WSI = Viewer(
    "wsi",
    "whole-slide viewer",
    WsiOptions,
    _contribute,
    button="wsi",
    pages="/wsi/app/",
    section="WholeSlideImaging",
    plugin_variable=("WholeSlideImaging", "WSI_PLUGIN_ENABLED"),
)
