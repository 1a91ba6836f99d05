"""
OHIF: in its own container, or as Orthanc's plugin.

Reports are saved through STOW-RS with the user's own access token, so OHIF signs in by itself
(`reports: signed-in`); a share link's guest gets a read-only viewer. The reasons are in docs/reports.md.
"""

from typing import Any, Literal

from pydantic import Field

from orthgen.viewers.base import Contribution, Viewer, ViewerOptions
from orthgen.viewers.context import ViewerContext

Mode = Literal["viewer", "volume", "tmtv", "segmentation", "microscopy"]

# Orthanc Explorer 2's name and default icon for each mode (Plugin/DefaultConfiguration.json, 1.9.0 to 1.14.1).
_BUTTONS: dict[str, tuple[str, str]] = {
    "viewer": ("ohif", "bi bi-grid"),
    "volume": ("ohif-vr", "bi bi-grid-1x2"),
    "tmtv": ("ohif-tmtv", "bi bi-grid-3x3-gap"),
    "segmentation": ("ohif-seg", "fa-solid fa-shapes fa-button"),
    "microscopy": ("ohif-micro", "fa-solid fa-microscope fa-button"),
}


class OhifOptions(ViewerOptions):
    """OHIF, the web viewer that can save measurements and segmentations."""

    reports: Literal["signed-in", "instant-link", "off"] = Field(
        "off",
        description="`signed-in`: people who sign in and may `report` can save measurements and segmentations. "
        "`instant-link`: whoever opens the viewer can, without signing in there, and no name is recorded.",
    )
    modes: list[Mode] = Field(
        ["viewer"], min_length=1, description="The modes that have a button, in their order."
    )
    serve: Literal["container", "plugin"] = Field(
        "container",
        description="`container`: the orthancteam/ohif-v3 image. `plugin`: Orthanc serves it itself.",
    )


def _contribute(options: OhifOptions, context: ViewerContext) -> Contribution:
    sections: dict[str, Any] = {}
    if options.serve == "plugin":
        sections["OHIF"] = {
            "DataSource": "dicom-web",
            "RouterBasename": context.ohif_path,
            "UserConfiguration": "/etc/orthanc/ohif-app-config.js",
        }
    buttons = tuple(_BUTTONS[mode] for mode in options.modes)
    if options.icon is not None:
        buttons = ((buttons[0][0], options.icon), *buttons[1:])
    return Contribution(
        name="ohif",
        buttons=buttons,
        sections=sections,
        ui_options={"EnableOpenInOhifViewer3": True, "OhifViewer3PublicRoot": context.ohif_path},
        standard_configurations=("ohif",),
        features=("ohif",),
        needs_isolation=True,
    )


def _needed_features(options: OhifOptions) -> tuple[tuple[str, str], ...]:
    asked = (
        (options.reports == "signed-in", "reports", "ohif-sign-in"),
        (options.serve == "plugin", "serve", "ohif-plugin"),
        ("microscopy" in options.modes, "modes", "ohif-microscopy"),
    )
    return tuple((key, feature) for is_asked, key, feature in asked if is_asked)


OHIF = Viewer(
    "ohif",
    OhifOptions,
    _contribute,
    button="ohif",
    pages="/ohif/",
    plugin_variable=("OHIF", "OHIF_PLUGIN_ENABLED"),
    standard_folder="/ohif/",
    share_type="ohif-viewer-publication",
    needed_features=_needed_features,
)
